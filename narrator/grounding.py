"""The check that a model's account states nothing that the evidence does not hold.

Rules for numbers, each written in digits in the text:

* With a unit it must be a fact of that unit: percent of a ratio, milliseconds or seconds of a latency or a length,
  minutes, requests per second, multiples of what is usual.
* A fact is found when it rounds to the number at the digits that are shown: 36 % is found in 0.3625, 36.2 % is not in
  0.3649, and 1.2 s is found in 1.23 s.
* Hours, days, bytes and percentage points are in no evidence.
* Without a unit, a whole number must be a count of the evidence exactly; one with decimals may be any fact whose unit
  was left out. The first number of "12 to 60 req/s" has the unit of the second.
* A time of day or a date must be one of the evidence.
* ``p95``, ``95th percentile`` and ``5xx`` are definitions, not findings. Any other word with a digit must be a name.

Rules for names: what begins with ``/``, or is quoted without spaces, must be a name of the evidence; entries of what is
most affected must be ``service`` or ``service endpoint``. Numbers written as words and names without quotes are not
looked at.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from contracts.anomalies import AnomalyType, MetricName, Severity
from narrator.account import Account
from narrator.facts import Facts

MAX_PROBLEMS = 8
"""Problems that are reported of one account."""

_NAME = "\0"
_GONE = "\1"
_DEFINITIONS = re.compile(r"\b(?:p95|95th(?: percentile)?|5xx)\b", re.IGNORECASE)
_VOCABULARY = frozenset(word.value for words in (AnomalyType, MetricName, Severity) for word in words)
_MOMENT = re.compile(
    r"(?<![\w:])(?:(?P<date>\d{4}-\d\d-\d\d)(?:[T ](?=\d))?)?(?:(?P<clock>\d{1,2}:\d\d)(?::00(?:\.0+)?)?Z?)?(?![\w:])"
)
_UNITS = {
    "percent": r"%|percent\b|per cent\b",
    "ms": r"ms\b|milliseconds?\b",
    "seconds": r"s\b|secs?\b|seconds?\b",
    "minutes": r"mins?\b|minutes?\b",
    "rates": r"req(?:uest)?s?/s(?:ec(?:ond)?)?\b|req(?:uest)?s? per second\b|rps\b|/s\b",
    "factors": r"times\b|x\b|×|-?fold\b",
    "unknown": r"percentage points?\b|pct\b|pp\b|msecs?\b|h\b|hours?\b|days?\b|weeks?\b|[kMGT]i?B\b",
}
_UNIT = "|".join(f"(?P<{unit}>{pattern})" for unit, pattern in _UNITS.items())
_NUMBER = re.compile(
    r"(?<![\w.,⁄])(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?)"
    rf"(?:[ -]?(?:{_UNIT}))?(?![\w%⁄])(?![.,]\d)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:to|and|or|-|–|—|vs\.?|versus)\s*", re.IGNORECASE)
_WORD_WITH_DIGIT = re.compile(r"\S*\d\S*")
_PATH = re.compile(r"(?<![\w.%)\x00\x01])/[^\s\"'`,;()\[\]{}<>“”‘’]+")
_QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|`([^`\n]+)`|‘([^’\n]+)’|(?<!\w)'([^'\n]+)'(?!\w)")
_LIKE_A_NAME = re.compile(r"[\w./:-]+")


def problems(account: Account, facts: Facts) -> tuple[str, ...]:
    """Return what the evidence does not hold, each with its place; empty when the account is grounded."""
    found = [f"{place}: {problem}" for place, text in _texts(account) for problem in _problems_of(_normal(text), facts)]
    found += [
        f"most_affected: {entry!r} is neither a service nor a service with its endpoint"
        for entry in account.most_affected
        if entry not in facts.services and entry not in facts.places
    ]
    return tuple(dict.fromkeys(found))[:MAX_PROBLEMS]


def _texts(account: Account) -> Iterator[tuple[str, str]]:
    yield from (("headline", account.headline), ("summary", account.summary), ("impact", account.impact))
    if account.hypothesis is not None:
        yield "hypothesis", account.hypothesis
    yield from (("check_first", line) for line in account.check_first)


def _normal(text: str) -> str:
    """Return the text with one form for each character: digits of other scripts and special spaces are seen too."""
    return unicodedata.normalize("NFKC", text).replace(_NAME, " ").replace(_GONE, " ")


def _problems_of(text: str, facts: Facts) -> Iterator[str]:
    for known in sorted(facts.names, key=len, reverse=True):
        text = _without_name(text, _normal(known))
    text = _DEFINITIONS.sub(_GONE, text)
    yield from _unknown_moments(text, facts)
    text = _MOMENT.sub(lambda found: _GONE if found.group() else "", text)
    yield from _unknown_numbers(text, facts)
    yield from (f"{found.group()[:40]!r} is not in the evidence" for found in _WORD_WITH_DIGIT.finditer(_spare(text)))
    yield from _unknown_names(text)


def _without_name(text: str, known: str) -> str:
    """Return the text with a name replaced by a mark, where it stands as a word. A bare number is never a name."""
    if not re.search(r"[^\W\d]|/", known):
        return text
    return re.sub(rf"(?<![\w/-]){re.escape(known)}(?![\w/-])(?!\.\w)", _NAME, text)


def _unknown_moments(text: str, facts: Facts) -> Iterator[str]:
    for found in _MOMENT.finditer(text):
        date, clock = found["date"], found["clock"]
        if date is not None and date not in facts.dates:
            yield f"the date {date} is not in the evidence"
        if clock is not None and clock.zfill(5) not in facts.clocks:
            yield f"the time {clock} is not in the evidence"


def _unknown_numbers(text: str, facts: Facts) -> Iterator[str]:
    found = list(_NUMBER.finditer(text))
    for number, following in zip(found, [*found, None][1:], strict=True):
        unit = _unit(number)
        if unit is None and following is not None and _RANGE.fullmatch(text[number.end() : following.start()]):
            unit = _unit(following)
        if not _is_known(number, unit, facts):
            yield f"the number {number.group()!r} is not in the evidence"


def _unit(number: re.Match[str]) -> str | None:
    return next((unit for unit in _UNITS if number[unit] is not None), None)


def _is_known(number: re.Match[str], unit: str | None, facts: Facts) -> bool:
    value, decimals = float(number["number"].replace(",", "")), len(number["decimals"] or "")
    if unit is None and decimals == 0:
        return value in facts.counts
    return any(_rounds_to(fact, value, decimals) for fact in _candidates(unit, facts))


def _candidates(unit: str | None, facts: Facts) -> Iterable[float]:
    by_unit: dict[str, Iterable[float]] = {
        "percent": facts.percents,
        "ms": [1000 * seconds for seconds in facts.seconds],
        "seconds": facts.seconds,
        "minutes": facts.minutes,
        "rates": facts.rates,
        "factors": facts.factors,
        "unknown": (),
    }
    if unit is not None:
        return by_unit[unit]
    ratios = [percent / 100 for percent in facts.percents]
    return [*ratios, *(fact for candidates in by_unit.values() for fact in candidates)]


def _rounds_to(fact: float, shown: float, decimals: int) -> bool:
    """Whether a fact, rounded to as many decimals as are shown, is the shown number; a half may go either way."""
    half = 0.5 * 10.0**-decimals
    return abs(fact - shown) <= half * (1 + 1e-9) + 1e-12 * abs(fact)


def _spare(text: str) -> str:
    """Return what is left of the text when the numbers that were looked at are gone."""
    return _NUMBER.sub(_GONE, text)


def _unknown_names(text: str) -> Iterator[str]:
    for path in _PATH.findall(_spare(text)):
        yield f"{path[:80]!r} is not a name of the evidence"
    for quoted in _QUOTED.findall(text):
        words = "".join(quoted).strip()
        if _LIKE_A_NAME.fullmatch(words) and words not in _VOCABULARY:
            yield f"{words[:80]!r} is not a name of the evidence"
