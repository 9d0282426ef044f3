"""What words claim without a number: that something fails, is slow, rose or fell, is critical, is most of a whole.

Each such word needs its row: a service *fails* when its errors are an anomaly or clearly off what is usual for it,
*rose* when something about it rose, and so on. Words of direction are looked at with the measure that they stand with.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

from contracts.anomalies import AnomalyType
from narrator import endpoint_claims, group_claims
from narrator.attribution import MOSTLY, Attributed
from narrator.endpoint_claims import SLOW
from narrator.facts import Facts, Role, Subject, Unit
from narrator.names import MARK, Names
from narrator.quantities import FAILING

_SLOW = re.compile(r"\b(?:slow\w*|latency|longer|response times?|delay\w*)\b", re.IGNORECASE)
_TRAFFIC = re.compile(
    r"\b(?:traffic|volume|load|arriv\w+|receiv\w+|request rate|more requests|fewer requests)\b|req(?:uests)?/s",
    re.IGNORECASE,
)
_ROSE = re.compile(
    r"\b(?:high|large|ris(?:e|es|en|ing)|rose|increas\w+|jump\w*|climb\w*|gr[eo]w\w*|surg\w+|spik\w+|exceed\w*|higher|above|raised"
    r"|elevated|more|up)\b",
    re.IGNORECASE,
)
_FELL = re.compile(
    r"\b(?:fall(?:s|en|ing)?|fell|decreas\w+|declin\w+|drop\w*|reduc\w+|fewer|lower|lowest|less|below|under|down)\b",
    re.IGNORECASE,
)
_NO_DIRECTION = re.compile(
    r"\b(?:(?:more|less|fewer) than (?=\d)|up to|under 0\.001|under (?:this|the) load|some more|\d+ more"
    r"|below (?=[\d.,]+ ?m?s\b))",
    re.IGNORECASE,
)
_AFFECTED = re.compile(
    r"\b(?:affect\w*|deviat\w*|impact\w*|degrad\w*|hit|unusual(?:ly)?|abnormal(?:ly)?|anomal\w+|problems?|issues?"
    r"|incidents?|involved)\b"
    r"|\b(?:seen|observed|noticed|found|detected|occur\w*|happen\w*|appear\w*|lies?) (?:in|at|on|for|with) (?:the )?"
    rf"{MARK}",
    re.IGNORECASE,
)
_IS = r"(?:is|are|was|were|becomes?|became|remains?|stays?)"
_AS_EVER = r"(?:usual|normal|typical|expected)\b"
_STATE = re.compile(
    r"\b(?:is|are|was|were|be|been|becomes?|became) (?:over|out|up|down)\b(?! to\b| from\b| by\b)(?!\W*\d)"
    rf"|{MARK} (?:service |endpoint )?(?:{_IS}|answers|responds) (?:\w+ )?{_AS_EVER}"
    rf"|\b(?:errors?|failures?|latency|traffic|requests?|rates?|it|this|that|which) {_IS} {_AS_EVER}"
    rf"|\b(?:back|return\w*) to {_AS_EVER}|\bas {_AS_EVER}|\bexpected to\b",
    re.IGNORECASE,
)
_TIMES_AS = re.compile(rf"\d ?(?:times|x) as \w+ as {_AS_EVER}", re.IGNORECASE)
_TRAFFIC_DOWN = re.compile(r"\b(?:traffic|rate|volume)\b[^,;]*\b(?:is|was|are|were) (?:up|down)\b", re.IGNORECASE)
_RELATION = re.compile(
    r"\b(?:calls?|called|calling|sends?|sent|sending|waits?|waiting|affects?|affecting|impacts?|impacting|hits?|hitting"
    r"|slows|slowing|contribut\w+|concerns?|involv\w+|makes?|made|making|takes?|from|serves?|through|via|before|after"
    r"|with|reach\w*|results?)\b",
    re.IGNORECASE,
)
_FROM_TO = re.compile(rf"\bfrom (?:the )?({MARK}) (?:service )?to (?:the )?({MARK})", re.IGNORECASE)
_ACTS_ON = re.compile(rf"\b(?:affects?|impacts?|hits?|slows|slowed|degrades?) (?:the )?{MARK}", re.IGNORECASE)
_SHARES = re.compile(rf"\bshar(?:es?|ed|ing) (?:the )?(?:endpoint )?{MARK}", re.IGNORECASE)
_TAKING_LONG = re.compile(r"\b(?:took|takes?|taking|longer|slow(?:er|ly)?)\b", re.IGNORECASE)
_ONLY = re.compile(
    rf"\b(?:only|just|alone) (?:the )?(?:service |endpoint )?{MARK}|{MARK} (?:service |endpoint )?(?:only|alone)\b",
    re.IGNORECASE,
)
_SEVERITY = re.compile(r"\b(?:critical|warning)\b", re.IGNORECASE)
_OVERLOAD = re.compile(r"\b(?:overload\w*|load)\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:all|every)\b(?: of)?(?: the| its)?(?: \d[\d,]*)? (?:requests?|calls?|traffic)\b", re.IGNORECASE
)
_ALL = re.compile(r"\b(?:all|every|each)\b", re.IGNORECASE)
_OF_ALL = re.compile(r"(?:%|\d|most) of all\b", re.IGNORECASE)
_MOST = re.compile(
    r"\b(?:most|majority)\b(?: of)?(?: the| its| all| these)? (failed )?(?:user )?"
    r"(requests?|calls?|failures?|errors?)\b",
    re.IGNORECASE,
)
_MOST_AFFECTED = re.compile(r"\b(?:most|worst) (?:affected|hit|impacted)\b", re.IGNORECASE)
_USUAL_UNKNOWN = re.compile(
    r"(\b(?:usual|normal|typical|baseline|expected)\b[^.;:,]{0,30})\bis (?:not known|unknown)(?: yet)?\b", re.IGNORECASE
)
_KNOWN = re.compile(r"\bis known\b", re.IGNORECASE)
_NEARLY_ALL_PERCENT = 99.95
_MOST_PERCENT = 50.0
_MEASURES = (
    (FAILING, AnomalyType.ERROR_SURGE, None),
    (_SLOW, AnomalyType.LATENCY_SPIKE, None),
    (_TRAFFIC, AnomalyType.TRAFFIC_SURGE, AnomalyType.TRAFFIC_DROP),
)
_RISING = frozenset({AnomalyType.ERROR_SURGE, AnomalyType.LATENCY_SPIKE, AnomalyType.TRAFFIC_SURGE})


def free_words(facts: Facts) -> frozenset[str]:
    """Return words that are free because of what the evidence holds."""
    surged = any(one.kind is AnomalyType.TRAFFIC_SURGE for one in facts.deviations)
    return frozenset({"overload", "load"}) if surged else frozenset()


def without_known_negations(text: str, facts: Facts) -> str:
    """Return the text without the negations that the evidence holds; any other is a word without a basis."""
    if facts.unknown_usual:
        text = _USUAL_UNKNOWN.sub(r"\1is known", text)
    if facts.alone_above_limit:
        text = re.sub(r"\bno other(?: endpoint)? is above the limit\b", "alone", text, flags=re.IGNORECASE)
    return text


def problems(clause: str, found: Attributed, facts: Facts, names: Names) -> Iterator[str]:
    """Yield the claims of a clause, made without a number, that no row holds.

    Args:
        clause: text whose names and times are marks.
        found: what the clause says about whom.
        facts: what is known.
        names: the names behind the marks.
    """
    yield from _of_relations(clause, names)
    yield from endpoint_claims.problems(clause, found, facts)
    yield from group_claims.problems(clause, found, facts)
    for subject in sorted(found.named):
        kinds = facts.kinds(subject.service)
        yield from _of_state(clause, found, subject, kinds)
        if _KNOWN.search(clause) and subject.service not in facts.unknown_usual:
            yield f"the evidence holds what is usual for {subject.service}"
        yield from _of_direction(clause, subject, kinds, found)
    yield from _of_severity(clause, found, facts)
    yield from _of_parts(clause, found, facts)


def _of_relations(clause: str, names: Names) -> Iterator[str]:
    """What one service does to another, what is alone, and states that no row can hold: over, up, down, as usual."""
    marks = list(re.finditer(MARK, clause))
    for one, other in itertools.pairwise(found for found in marks if names.is_service(found.group())):
        if one.group() != other.group() and _RELATION.search(clause, one.end(), other.start()):
            yield "the evidence holds no relation between services"
    sent = _FROM_TO.search(clause)
    if _SHARES.search(clause) or (sent is not None and all(names.is_service(one) for one in sent.groups())):
        yield "the evidence holds no relation between services"
    if _ACTS_ON.search(clause):
        yield "the evidence holds no cause"
    if _ONLY.search(clause):
        yield "the evidence does not hold that it is only this one"
    state = _STATE.search(_TIMES_AS.sub(" ", clause))
    if state is not None and not _TRAFFIC_DOWN.search(clause):
        yield f"{re.sub(MARK, '', state.group()).strip()!r} is not in the evidence"


def _of_state(clause: str, found: Attributed, subject: Subject, kinds: frozenset[AnomalyType]) -> Iterator[str]:
    """Failing, slow, affected."""
    units = {one.quantity.unit for one in found.claims if subject in one.subjects}
    if FAILING.search(clause) and AnomalyType.ERROR_SURGE not in kinds and not units & {Unit.PERCENT, Unit.FAILED}:
        yield f"the evidence does not hold that {subject.service} fails more than usual"
    if SLOW.search(clause) and AnomalyType.LATENCY_SPIKE not in kinds:
        yield f"the evidence does not hold that {subject.service} is slower than usual"
    if _AFFECTED.search(clause) and not kinds:
        yield f"the evidence does not hold that {subject.service} deviates"
    if _OVERLOAD.search(clause) and AnomalyType.TRAFFIC_SURGE not in kinds:
        yield f"the evidence does not hold that traffic to {subject.service} rose"


def _of_direction(clause: str, subject: Subject, kinds: frozenset[AnomalyType], found: Attributed) -> Iterator[str]:
    """Rose, fell, above, below."""
    plain = _NO_DIRECTION.sub(" ", clause)
    if any(Role.QUANTILE in one.quantity.roles and one.quantity.value in {5.0, 95.0} for one in found.claims):
        plain = re.sub(r"\b(?:below|under|less)\b", " ", plain, flags=re.IGNORECASE)
    rose, fell = _ROSE.search(plain), _FELL.search(plain)
    measures = [(rising, falling) for pattern, rising, falling in _MEASURES if pattern.search(plain)]
    may_rise = {rising for rising, _ in measures} or _RISING
    may_fall = {falling for _, falling in measures if falling is not None} or (
        set() if measures else {AnomalyType.TRAFFIC_DROP}
    )
    if rose and not may_rise & kinds:
        yield f"{rose.group()!r}: nothing of that rose in {subject.service}"
    if fell and not may_fall & kinds:
        yield f"{fell.group()!r}: nothing of that fell in {subject.service}"


def _of_severity(clause: str, found: Attributed, facts: Facts) -> Iterator[str]:
    services = {subject.service for subject in found.named}
    known = {one.severity for one in facts.deviations if one.subject.service in services}
    for word in _SEVERITY.findall(clause):
        if word.lower() not in known:
            yield f"the severity {word!r} is not in the evidence"


def _of_parts(clause: str, found: Attributed, facts: Facts) -> Iterator[str]:
    """All of, most of, mostly at, most affected."""
    counted = _OF_ALL.sub(" ", clause)
    if _ALL.search(counted) and not (
        _WHOLE.search(counted) and _holds(found.named, facts, Role.VALUE, _NEARLY_ALL_PERCENT)
    ):
        yield "'all' is not in the evidence"
    most, endpoints = _MOST.search(clause), frozenset(one for one in found.named if one.endpoint)
    is_of_slowness = SLOW.search(clause) is not None and FAILING.search(clause) is None
    if most is not None or (endpoints and MOSTLY.search(clause) and not is_of_slowness):
        role = Role.VALUE if most is not None and _speaks_of_requests(most) else Role.SHARE
        is_of_failures = role is Role.SHARE or FAILING.search(clause) is not None
        if not is_of_failures or not _holds(endpoints or found.named, facts, role, _MOST_PERCENT):
            yield "'most' is not in the evidence"
    units = {claim.quantity.unit for claim in found.claims}
    counts_requests = any(
        claim.quantity.unit is Unit.REQUESTS and not claim.quantity.is_total for claim in found.claims
    )
    if counts_requests and Unit.SECONDS in units and _TAKING_LONG.search(clause):
        yield "the evidence does not hold how many requests took so long, only p95"
    leading = facts.deviations[0].subject.service
    if _MOST_AFFECTED.search(clause) and {one.service for one in found.named} != {leading}:
        yield f"the evidence does not hold that another than {leading} is affected most"


def _speaks_of_requests(most: re.Match[str]) -> bool:
    return most[1] is None and most[2].lower().startswith(("request", "call"))


def _holds(subjects: Iterable[Subject], facts: Facts, role: Role, at_least: float) -> bool:
    """Whether a percentage of each subject, in its worst minute, is as large as is claimed."""
    return all(
        any(
            fact.unit is Unit.PERCENT and fact.role is role and fact.at is None and fact.value >= at_least
            for fact in facts.rows.get(subject, ())
        )
        for subject in subjects
    )
