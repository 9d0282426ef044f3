"""What a clause says of several services or endpoints without their names, and what it puts above all others.

*Both services fail* needs failures in each service that deviates, *other services fail* at least two others that do;
*endpoints fail* two endpoints that do. *Worst* and *slowest* need the largest number of their row's kind.
"""

import re
from collections.abc import Iterator

from contracts.anomalies import AnomalyType
from narrator.attribution import Attributed
from narrator.endpoint_claims import LATENCY, SLOW, is_beyond_limit
from narrator.facts import Facts, Role, Subject, Unit
from narrator.names import MARK
from narrator.quantities import FAILING, THINGS

_SERVICES = re.compile(r"\b(?P<others>(?:other|further|more) )?(?:\w+ )?services\b", re.IGNORECASE)
_ENDPOINTS = re.compile(r"\bendpoints\b", re.IGNORECASE)
_EVERY = re.compile(r"\b(?:both|these|those|the|all|each|\d+)\b[\w ]*\bservices\b", re.IGNORECASE)
_TRAFFIC = re.compile(r"\b(?:traffic|volume|load|arriv\w+|receiv\w+)\b", re.IGNORECASE)
_DEVIATING = re.compile(r"\b(?:affect\w*|deviat\w*|impact\w*|degrad\w*|hit|unusual\w*|abnormal\w*)\b", re.IGNORECASE)
_KINDS = (
    (FAILING, frozenset({AnomalyType.ERROR_SURGE})),
    (LATENCY, frozenset({AnomalyType.LATENCY_SPIKE})),
    (_TRAFFIC, frozenset({AnomalyType.TRAFFIC_DROP, AnomalyType.TRAFFIC_SURGE})),
    (_DEVIATING, frozenset(AnomalyType)),
)
_SUPERLATIVE = re.compile(
    r"\b(?:(?P<slow>slowest)|worst)\b(?! (?:minute|window|moment|time|point|value|case|period|affected|hit|impacted))"
    r"(?!\W*(?:requests?|\d))",
    re.IGNORECASE,
)
_ONE_ALONE = re.compile(r"\b(?:only|just|exactly) (?:one|a single|1) (?:\w+ )?(?:service|endpoint)\b", re.IGNORECASE)
_THE_SAME = re.compile(r"\bthe same\b(?! (?:times?|minutes?|moments?|periods?|windows?)\b)", re.IGNORECASE)
_MOST_PEOPLE = re.compile(
    r"\b(?:most|majority)\b(?: of)?(?: the| its)? (?:users|customers|clients|callers)\b", re.IGNORECASE
)
_SEVERAL = 2


def problems(clause: str, found: Attributed, facts: Facts) -> Iterator[str]:
    """Yield the claims of a clause about groups, and about what is beyond all others, that no row holds."""
    if re.search(MARK, clause) is None and (named := _SERVICES.search(clause)) is not None:
        yield from _of_services(clause, found, facts, others=named["others"] is not None)
    if _ENDPOINTS.search(clause) and not any(one.endpoint for one in found.named):
        yield from _of_endpoints(clause, found, facts)
    superlative = _SUPERLATIVE.search(clause)
    if superlative is not None:
        yield from _of_the_first(superlative, found, facts)
    for pattern in (_ONE_ALONE, _THE_SAME, _MOST_PEOPLE):
        if (said := pattern.search(clause)) is not None:
            yield f"{said.group()!r} is not in the evidence"


def _of_services(clause: str, found: Attributed, facts: Facts, *, others: bool) -> Iterator[str]:
    leading = facts.deviations[0].subject.service
    pool = sorted(one for one in facts.services if facts.kinds(one) and not (others and one == leading))
    with_anomaly = {one.subject.service for one in facts.deviations}
    for pattern, kinds in _KINDS:
        said = pattern.search(clause)
        if said is None:
            continue
        holding = {one for one in pool if facts.kinds(one) & kinds}
        if len(holding) < _SEVERAL or (not others and _EVERY.search(clause) and with_anomaly - holding):
            yield f"the evidence does not hold that services deviate so: {said.group()!r}"
    if any(claim.quantity.unit not in THINGS for claim in found.claims):
        yield "a number stands with services that are not named"


def _of_endpoints(clause: str, found: Attributed, facts: Facts) -> Iterator[str]:
    services = {one.service for one in found.named}
    known = [one for one in facts.subjects if one.endpoint and one.service in services]
    failing = [one for one in known if _largest(one, facts, Unit.FAILED) > 0]
    if FAILING.search(clause) and len(failing) < _SEVERAL:
        yield "the evidence does not hold that several endpoints fail"
    if SLOW.search(clause) and sum(is_beyond_limit(one, facts) for one in known) < _SEVERAL:
        yield "the evidence does not hold that several endpoints are slow"


def _of_the_first(superlative: re.Match[str], found: Attributed, facts: Facts) -> Iterator[str]:
    for subject in sorted(found.named):
        is_failing = AnomalyType.ERROR_SURGE in facts.kinds(subject.service)
        unit = Unit.FAILED if is_failing and superlative["slow"] is None else Unit.SECONDS
        rivals = [one for one in facts.subjects if bool(one.endpoint) == bool(subject.endpoint)]
        if subject.endpoint:
            rivals = [one for one in rivals if one.service == subject.service]
        if _largest(subject, facts, unit) < max(_largest(one, facts, unit) for one in rivals):
            shown = f"{subject.service} {subject.endpoint}".strip()
            yield f"the evidence does not hold that {shown} is the {superlative.group().lower()}"


def _largest(subject: Subject, facts: Facts, unit: Unit) -> float:
    """Return the largest measured number of a row, 0 without one: of a rank nothing else is asked."""
    known = facts.rows.get(subject, ())
    return max(
        (one.value for one in known if one.unit is unit and one.role is Role.VALUE and one.at is None), default=0
    )
