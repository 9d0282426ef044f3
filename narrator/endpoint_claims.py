"""What a clause puts on an endpoint without a number: that it fails, that it is slow, that it is most of it.

An endpoint *fails* when it makes at least half of the failures of its service, and *is slow* when its p95 is beyond the
limit of the service; *mostly* at an endpoint means half of the failures, or that it alone is beyond the limit.
"""

import re
from collections.abc import Iterator

from narrator.attribution import MOSTLY, Attributed
from narrator.facts import Facts, Role, Subject, Unit
from narrator.quantities import FAILING

LATENCY = re.compile(r"\b(?:slow\w*|latency|longer|response times?)\b", re.IGNORECASE)
SLOW = re.compile(r"\b(?:slow(?:er|est|ly|s|ed|ing|ness|down)?(?! \d)|longer)\b", re.IGNORECASE)
"""Words that say that something takes long."""

HALF_PERCENT = 50.0


def problems(clause: str, found: Attributed, facts: Facts) -> Iterator[str]:
    """Yield the claims of a clause about endpoints that no row holds."""
    deviating = {one.subject for one in facts.deviations}
    for subject in sorted(one for one in found.named if one.endpoint and one not in deviating):
        has_number = any(subject in claim.subjects for claim in found.claims)
        fails, is_slow = FAILING.search(clause) is not None, SLOW.search(clause) is not None
        if fails and not has_number and not makes_half_of_failures(subject, facts):
            yield f"the evidence does not hold that {subject.endpoint!r} makes most of the failures"
        if is_slow and not is_beyond_limit(subject, facts):
            yield f"the evidence does not hold that {subject.endpoint!r} is slow"
        if MOSTLY.search(clause) and is_slow and not fails and not _is_alone_beyond_limit(subject, facts):
            yield f"the evidence does not hold that mostly {subject.endpoint!r} is slow"


def makes_half_of_failures(subject: Subject, facts: Facts) -> bool:
    """Whether an endpoint makes at least half of the failures of its service's worst minute."""
    shares = [one.value for one in facts.rows.get(subject, ()) if one.role is Role.SHARE]
    return max(shares, default=0.0) >= HALF_PERCENT


def is_beyond_limit(subject: Subject, facts: Facts) -> bool:
    """Whether an endpoint's p95 is beyond the limit of its service."""
    limits = [
        one.value for one in facts.rows.get(Subject(subject.service), ()) if _is_latency(one.unit, one.role, Role.LIMIT)
    ]
    values = [one.value for one in facts.rows.get(subject, ()) if _is_latency(one.unit, one.role, Role.VALUE)]
    return bool(limits) and bool(values) and max(values) > max(limits)


def _is_alone_beyond_limit(subject: Subject, facts: Facts) -> bool:
    endpoints = {one for one in facts.subjects if one.service == subject.service and one.endpoint}
    return {one for one in endpoints if is_beyond_limit(one, facts)} == {subject}


def _is_latency(unit: Unit, role: Role, wanted: Role) -> bool:
    return unit is Unit.SECONDS and role is wanted
