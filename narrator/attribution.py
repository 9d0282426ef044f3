"""Which subject each number of a clause is about.

A number is about the services and endpoints named in its own atom or right before it; without any, about what was named
last; without that, about the most important anomaly. Where several are named, the number has to hold for each of them,
and a name that follows a number (*36 % of requests to a and b*) counts as named with it, unless *mostly* or the like
stands before the name.
"""

import re
from dataclasses import dataclass, field

from narrator.clauses import atoms
from narrator.facts import Facts, Subject
from narrator.names import MARK, Names
from narrator.quantities import FAILING, Quantity, quantities

MOSTLY = re.compile(r"\b(?:mostly|mainly|chiefly|most|majority)\b", re.IGNORECASE)
"""Words that put more than half on what they stand with."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A number with the subjects that it has to hold for, and where in the clause its atom begins and ends."""

    quantity: Quantity
    subjects: frozenset[Subject]
    place: tuple[int, int]


@dataclass(slots=True)
class Attributed:
    """What a clause says: its numbers, the subjects it names, its faults, and what the next clause goes on with."""

    claims: list[Claim] = field(default_factory=list)
    named: frozenset[Subject] = frozenset()
    about: frozenset[Subject] = frozenset()
    problems: list[str] = field(default_factory=list)


class Attribution:
    """Resolves the names of clauses."""

    def __init__(self, facts: Facts, names: Names) -> None:
        self._facts, self._names = facts, names

    def attribute(self, clause: str, carried: frozenset[Subject]) -> Attributed:
        """Return what a clause says about whom.

        Args:
            clause: text whose names and times are marks.
            carried: what the text was about before.
        """
        pieces = list(atoms(clause))
        failing = FAILING.search(clause) is not None
        numbered = [list(quantities(atom, failing=failing)) for atom in pieces]
        found = Attributed(about=carried)
        pending, end = "", 0
        for at, (atom, numbers) in enumerate(zip(pieces, numbered, strict=True)):
            marks = "".join(re.findall(MARK, atom))
            start = clause.index(atom, end)
            end = start + len(atom)
            if not numbers and found.claims and not any(numbered[at:]) and marks:
                self._add_trailing(found, atom, marks)
            elif not numbers:
                pending += marks
            if numbers:
                found.about = self._resolved(pending + marks, found)
                pending = ""
            found.claims += [Claim(number, found.about, (start, end)) for number in numbers]
        if pending:
            found.about = self._resolved(pending, found)
        found.named = (
            self._resolved("".join(re.findall(MARK, clause)), found) if re.search(MARK, clause) else found.about
        )
        return found

    def _add_trailing(self, found: Attributed, atom: str, marks: str) -> None:
        subjects = self._resolved(marks, found)
        if MOSTLY.search(atom):
            return
        new = subjects - found.about
        found.claims = [Claim(one.quantity, one.subjects | new, one.place) for one in found.claims]

    def _resolved(self, marks: str, found: Attributed) -> frozenset[Subject]:
        """Return the subjects behind marks: endpoints with their services, and services without one of them."""
        if not marks:
            return found.about
        services = {service for mark in marks if (service := self._names.service(mark)) is not None}
        subjects: set[Subject] = set()
        for mark in marks:
            if not self._names.is_service(mark):
                subjects |= self._placed(mark, services, found)
        with_endpoint = {subject.service for subject in subjects}
        return frozenset(subjects | {Subject(service) for service in services - with_endpoint})

    def _placed(self, mark: str, services: set[str], found: Attributed) -> frozenset[Subject]:
        places = self._names.places(mark)
        if services:
            known = frozenset(one for one in places if one.service in services)
        else:
            carried = {subject.service for subject in found.about}
            known = frozenset(one for one in places if one.service in carried) or places
        problem = f"{self._names.spoken(mark)!r} is not an endpoint of what it is named with"
        if len(known) != 1 and problem not in found.problems:
            found.problems.append(problem)
        return known
