"""Times of day and dates in a text: which one is meant, the beginning, the end or a minute, and whether it is so."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from narrator.facts import Facts
from narrator.spelling import MOMENT_MARKS
from narrator.wording import clock

MARK = f"[{chr(MOMENT_MARKS[0])}-{chr(MOMENT_MARKS[1])}]"
"""Pattern of one mark."""

_MOMENT = re.compile(
    r"(?<![\w:.])(?=\d)(?:(?P<date>\d{4}-\d\d-\d\d)(?:[T ](?=\d)|(?![\w-])))?"
    r"(?:(?P<clock>\d{1,2}:\d\d)(?::00(?:\.0+)?)?Z?)?(?![\w:]|\.\d)"
)
_BEGINNING = re.compile(
    r"\b(?:since|from|start(?:s|ed|ing)?|began|begins|beginning|begun|onset|before|around|about|after|between)\b"
    r"(?:\W|\b(?:at|about|around|shortly|of|on|the)\b)*$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\bminutes? (?:before|after|earlier|later)\b|\b(?:previous|preceding|following|next|last) minutes?\b",
    re.IGNORECASE,
)
_END = re.compile(
    rf"(?:\b(?:until|till|to|through|ended|by)\s+(?:at\s+)?|{MARK}(?: UTC)?\s*(?:-|–|and)\s*)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a text, as written; ``clock`` with two digits for the hour."""

    date: str | None
    clock: str | None


def mark(text: str) -> tuple[str, tuple[Moment, ...]]:
    """Return the text with each time replaced by a mark, and the times in the order of their marks."""
    found: list[Moment] = []

    def marked(match: re.Match[str]) -> str:
        if not match.group() or len(found) > MOMENT_MARKS[1] - MOMENT_MARKS[0]:
            return match.group()
        found.append(Moment(match["date"], None if match["clock"] is None else match["clock"].zfill(5)))
        return chr(MOMENT_MARKS[0] + len(found) - 1)

    return _MOMENT.sub(marked, text), tuple(found)


def problems(clause: str, moments: tuple[Moment, ...], services: Collection[str], facts: Facts) -> Iterator[str]:
    """Yield what is wrong with the times of a clause.

    Args:
        clause: text with marks.
        moments: the times behind the marks.
        services: those that the clause is about.
        facts: what is known.
    """
    deviations = [one for one in facts.deviations if one.subject.service in services] or list(facts.deviations)
    starts, ends = {clock(one.starts) for one in deviations}, {clock(one.ends) for one in deviations}
    dates = {f"{moment:%Y-%m-%d}" for one in facts.deviations for moment in (one.starts, one.ends)}
    minutes = {minute for service in services for minute in facts.minutes.get(service, frozenset())}
    for found in re.finditer(MARK, clause):
        moment, before = moments[ord(found.group()) - MOMENT_MARKS[0]], clause[: found.start()]
        if moment.date is not None and moment.date not in dates:
            yield f"the date {moment.date} is not in the evidence"
        if moment.clock is None:
            continue
        if _BEGINNING.search(before):
            if moment.clock not in starts:
                yield f"the beginning {moment.clock} is not in the evidence"
        elif _END.search(before):
            if moment.clock not in ends | starts:
                yield f"the time {moment.clock} is not in the evidence"
        elif moment.clock not in minutes | starts:
            yield f"the time {moment.clock} is not in the evidence"


def names_another_minute(clause: str) -> bool:
    """Whether a clause speaks of a minute by its distance from another."""
    return _RELATIVE.search(clause) is not None


def minute_meant(clause: str, moments: tuple[Moment, ...], start: int, end: int) -> str | None:
    """Return the clock of the minute that a part of a clause is about: its own, else the last before it, else the next.

    Args:
        clause: text with marks.
        moments: the times behind the marks.
        start: where the part begins.
        end: where it ends.

    Returns:
        None where no minute is named; beginnings and ends of something are none.
    """
    meant = [
        (found.start(), moment.clock)
        for found in re.finditer(MARK, clause)
        if (moment := moments[ord(found.group()) - MOMENT_MARKS[0]]).clock is not None
        and not _BEGINNING.search(clause, 0, found.start())
        and not _END.search(clause, 0, found.start())
    ]
    own = [clock for at, clock in meant if start <= at < end]
    earlier = [clock for at, clock in meant if at < start]
    later = [clock for at, clock in meant if at >= end]
    return next(iter([*own[:1], *earlier[-1:], *later[:1]]), None)
