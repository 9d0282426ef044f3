"""Numbers in a piece of text: value, shown digits, unit, and what the words around it say that it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from narrator.facts import Role, Unit

FAILING = re.compile(r"\b(?:fail(?:s|ed|ing|ures?)?|errors?|unsuccessful)\b", re.IGNORECASE)
"""Words that speak of failed requests."""

THINGS = frozenset({Unit.SERVICES, Unit.ANOMALIES, Unit.ENDPOINTS})
"""What is counted of the incident as a whole."""

_UNITS = {
    "percent": r"%|percent\b|per ?cent\b",
    "ms": r"ms\b|milliseconds?\b",
    "minutely": r"(?:req(?:uest)?s?|calls?) ?(?:/ ?min(?:ute)?\b|(?:per|a|each) minute\b)",
    "rate": r"(?:req(?:uest)?s?|calls?) ?(?:/ ?s(?:ec(?:ond)?)?\b|(?:per|a|each) second\b)|rps\b|/s\b",
    "seconds": r"s\b|secs?\b|seconds?\b",
    "minutes": r"mins?\b|minutes?\b",
    "factor": r"times\b|x\b|×|-?fold\b",
    "unknown": r"percentage points?\b|(?:points?|pct|pp|msecs?|h|hours?|days?|weeks?|[kMGT]i?B|users?|customers?)\b",
}
_UNIT = "|".join(f"(?P<{unit}>{pattern})" for unit, pattern in _UNITS.items())
NUMBER = re.compile(
    r"(?<![\w.,⁄])(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?)"
    rf"(?:[ -]?(?:{_UNIT}))?(?![\w%⁄])(?![.,]\d)",
    re.IGNORECASE,
)
"""A number with its unit."""

_AGAINST = r"instead of|rather than|compared (?:with|to)|against|vs\.?|versus"
_RANGE = re.compile(rf"\s*(?:to|and|or|-|–|—|{_AGAINST})\s*", re.IGNORECASE)
_SAME_UNIT = re.compile(
    rf"\s*(?:to|from|(?:up|down) from|{_AGAINST})(?: (?:about|the|a|its))?(?: (?:usual|normal))?\s*", re.IGNORECASE
)
_RATIO = re.compile(r"\b(?:ratio|share|fraction|error rate)\b", re.IGNORECASE)
_PAIR = re.compile(
    r"^\s*(?:failed )?(?:requests? )?(?:fail(?:ed)? )?(?:out )?of (?:the |its |all |these )*$", re.IGNORECASE
)
_NOUNS = (
    (Unit.FAILED, r"(?:of (?:them|these|those|which)\b|failed|failing|failures?|(?:server )?errors?|error responses)"),
    (Unit.SERVICES, r"(?:(?:other|more|affected) )*services?"),
    (Unit.ANOMALIES, r"(?:(?:other|more|further) )*(?:anomal(?:y|ies)|deviations?)"),
    (Unit.ENDPOINTS, r"(?:(?:other|more|affected) )*endpoints?"),
    (Unit.REQUESTS, r"(?:(?:more|user|incoming) )*(?:requests?|calls?)"),
)
_NOUN = tuple((unit, re.compile(rf"\s*{pattern}\b", re.IGNORECASE)) for unit, pattern in _NOUNS)
_FAILED_REQUESTS = re.compile(
    r"^\W*requests?\b(?:\W+\S+){0,3}?\W+(?:fail|(?:with|in|returned|return|returning|had|got) (?:an )?error)",
    re.IGNORECASE,
)
_ANOTHER_NOUN = re.compile(r"^\s*(?:of (?:\w+ ){0,2})?(?:users|customers|people)\b", re.IGNORECASE)

_NORMAL = r"(?:usual(?:ly)?|normal(?:ly)?|typical(?:ly)?|baseline|expected)"
_LIMIT = r"(?:limits?|thresholds?)"
_USUAL_BEFORE = re.compile(
    rf"\b(?:{_NORMAL}|from|against|versus|vs\.?|compared (?:with|to)|instead of|rather than)\b(?!.*\b{_LIMIT}\b)[^,]*$",
    re.IGNORECASE,
)
_LIMIT_BEFORE = re.compile(rf"\b{_LIMIT}\b[^,]*$", re.IGNORECASE)
_AFTER = (
    r"^\W*(?:requests? |of requests? )?(?:fail(?:s|ed)? |arrive(?:s|d)? )?(?:(?:is|was|are|were|as|being|the|a|its) )*"
)
_USUAL_AFTER = re.compile(rf"{_AFTER}{_NORMAL}\b", re.IGNORECASE)
_LIMIT_AFTER = re.compile(rf"{_AFTER}{_LIMIT}\b", re.IGNORECASE)
_DISTANCE_AFTER = re.compile(
    r"^\s*(?:(?:failed )?(?:requests?|calls?) |failures? |errors? )?"
    r"(?:above|below|more|less|fewer|higher|lower|slower|longer|drop|decrease|fall|decline|increase|rise|jump|growth)\b",
    re.IGNORECASE,
)
_DISTANCE_BEFORE = re.compile(
    r"\b(?:by|fell|dropped|decreased|declined|down|rose|risen|increased|grew|climbed|jumped|up"
    r"|(?:drop|fall|decrease|decline|reduction|increase|rise|jump|growth|difference|gap) of)\s+"
    r"(?:about |around |nearly |roughly |almost |over |at least |more than |a further )?$",
    re.IGNORECASE,
)
_SHARE_AFTER = re.compile(
    r"^\s*of (?:the |all |all the |its |these |those )?(?:\d+ )?(?:failures|errors|failed|them)\b", re.IGNORECASE
)
_MULTIPLE_AFTER = re.compile(
    r"^\s*(?:(?:of|the|its|their|as|what|is|than|was) )*"
    rf"(?:{_NORMAL}|more|higher|slower|longer|slow|high|many|much|above)\b",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"\b(?:more than|over|above|at least|exceed(?:s|ed|ing)?|beyond|(?:great|high)er than)\s+(?:about )?$",
    re.IGNORECASE,
)
_AT_MOST = re.compile(r"\b(?:less than|under|below|at most|up to|(?:few|low)er than|nearly|almost)\s+$", re.IGNORECASE)
_ANOTHER_PERIOD = re.compile(
    r"^\s*(?:failed )?(?:requests?|calls?|failures?|errors?)?\s*(?:/ ?|(?:per|an?|each|every) )(?!min(?:ute)?\b)"
    r"(?:s|h|\w{2,})\b",
    re.IGNORECASE,
)
_MINUS = re.compile(r"(?:^|\s)[-\u2212]\Z|\u2212\Z")
_BESIDE_MOMENT = re.compile(r"^\s*(?:before|after|later|earlier|ago)\b", re.IGNORECASE)
_LASTING = re.compile(r"\b(?:last(?:s|ed|ing)|duration|long)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it stands in a text.

    ``unit`` is None where it has none that is known. ``scale`` are how many of the shown unit make one of the facts'
    unit. ``roles`` are those that the words around it leave open. ``bound`` is 1 for *at least*, -1 for *at most*.
    ``is_part`` marks the first number of *87 of 240*, ``is_total`` the second.
    """

    shown: str
    value: float
    decimals: int
    unit: Unit | None
    scale: float
    roles: frozenset[Role]
    bound: int
    is_total: bool
    is_part: bool


def quantities(atom: str, *, failing: bool) -> Iterator[Quantity]:
    """Yield the numbers of an atom.

    Args:
        atom: a piece of text whose names and times are marks.
        failing: whether the text around it speaks of failed requests.
    """
    found = list(NUMBER.finditer(atom))
    for at, number in enumerate(found):
        before = atom[found[at - 1].end() if at else 0 : number.start()]
        following = found[at + 1] if at + 1 < len(found) else None
        after = atom[number.end() : len(atom) if following is None else following.start()]
        is_total = at > 0 and _PAIR.match(before) is not None
        written = _written(number) or _written_beside(found, at, before, after)
        unit, scale = _unit(number, written, before, after, failing=failing and not is_total)
        yield Quantity(
            shown=number.group(),
            value=float(number["number"].replace(",", "")),
            decimals=len(number["decimals"] or ""),
            unit=unit,
            scale=scale,
            roles=_roles(unit, before, after, atom[number.end() :]),
            bound=1 if _AT_LEAST.search(before) else -1 if _AT_MOST.search(before) else 0,
            is_total=is_total,
            is_part=following is not None and _PAIR.match(after) is not None,
        )


def _written_beside(found: list[re.Match[str]], at: int, before: str, after: str) -> str | None:
    """Return the unit that a number shares with the next one, or with the one before it."""
    if at + 1 < len(found) and _RANGE.fullmatch(after):
        return _written(found[at + 1])
    if at > 0 and _SAME_UNIT.fullmatch(before) and not _PAIR.match(after) and _noun(after) is None:
        return _written(found[at - 1])
    return None


def _unit(
    number: re.Match[str], written: str | None, before: str, after: str, *, failing: bool
) -> tuple[Unit | None, float]:
    if _is_of_no_evidence(number, after, written):
        return None, 1.0
    if written == "seconds" and _LASTING.search(before):
        return Unit.MINUTES, 60.0
    if written is not None:
        return {
            "percent": (Unit.PERCENT, 1.0),
            "ms": (Unit.SECONDS, 1_000.0),
            "minutely": (Unit.RATE, 60.0),
            "rate": (Unit.RATE, 1.0),
            "seconds": (Unit.SECONDS, 1.0),
            "minutes": (Unit.MINUTES, 1.0),
            "factor": (Unit.FACTOR, 1.0),
        }.get(written, (None, 1.0))
    if number["decimals"] is not None:
        return (Unit.PERCENT, 0.01) if _RATIO.search(before) else (None, 1.0)
    return _counted(before, after, failing=failing), 1.0


def _is_of_no_evidence(number: re.Match[str], after: str, written: str | None) -> bool:
    """Whether a number is about users, is negative, counts from a moment, or is a multiple of something not usual."""
    if _ANOTHER_NOUN.match(after) or _ANOTHER_PERIOD.match(after) or _MINUS.search(number.string, 0, number.start()):
        return True
    if written == "minutes":
        return _BESIDE_MOMENT.match(after) is not None
    return written == "factor" and not _is_multiple(after)


def _written(number: re.Match[str]) -> str | None:
    return next((unit for unit in _UNITS if number[unit] is not None), None)


def _is_multiple(after: str) -> bool:
    return _MULTIPLE_AFTER.match(after) is not None and not re.search(rf"\b{_LIMIT}\b", after)


def _counted(before: str, after: str, *, failing: bool) -> Unit:
    """What a whole number without a unit counts, by the noun after it; without a noun by what the text is about."""
    if _PAIR.match(after):
        return Unit.FAILED
    if _FAILED_REQUESTS.match(after) and not _PAIR.match(before):
        return Unit.FAILED
    return _noun(after) or (Unit.FAILED if failing else Unit.REQUESTS)


def _noun(after: str) -> Unit | None:
    return next((unit for unit, noun in _NOUN if noun.match(after)), None)


def _roles(unit: Unit | None, before: str, after: str, rest: str) -> frozenset[Role]:
    if unit is Unit.FACTOR:
        return frozenset({Role.VALUE})
    if unit not in THINGS and (_DISTANCE_AFTER.match(after) or _DISTANCE_BEFORE.search(before)):
        return frozenset({Role.DISTANCE})
    if unit is Unit.MINUTES:
        return frozenset({Role.VALUE})
    if unit is Unit.PERCENT and _SHARE_AFTER.match(rest):
        return frozenset({Role.SHARE})
    return _role_of_measure(before, after)


def _role_of_measure(before: str, after: str) -> frozenset[Role]:
    if _LIMIT_BEFORE.search(before) or _LIMIT_AFTER.match(after):
        return frozenset({Role.LIMIT})
    if _USUAL_BEFORE.search(before) or _USUAL_AFTER.match(after):
        return frozenset({Role.USUAL})
    if _AT_LEAST.search(before) or _AT_MOST.search(before):
        return frozenset({Role.VALUE, Role.USUAL, Role.LIMIT})
    return frozenset({Role.VALUE, Role.QUANTILE})
