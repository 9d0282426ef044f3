"""The gate: an account is published only when every number, name, time and word in it rests on the evidence.

The check knows a small English and refuses what is outside it: a good text may be refused, a wrong one should not pass.

* **Numbers**, in digits or in words, need a unit, or a noun that says what they count. A number must be a fact of that
  unit and of the role that the words around it give it (measured, usual, limit, share, distance), in a row of the
  subject that it stands with: see ``narrator.attribution``. Percent, milliseconds and minutes are not exchanged for
  each other's digits; hours, days, bytes, users and percentage points are in no evidence.
* **Rounding**: a fact is found when it rounds to the number at the digits that are shown, and differs by at most 10 %:
  36 % is found in 36.25 %, 36.2 % is not; 1.2 s is found in 1.234 s, 1 s is not. Counts are exact. *Over*, *under*,
  *nearly* must also be true.
* **Minutes**: a number in a clause with *at 13:36* comes from that minute; any other is that of the worst minute.
* **Times** must be a minute of the subject; after *since* its beginning, after *until* its end.
* **Names**: services and endpoints of the evidence. Every other word must be one that is free (``narrator/words``).
* **Claims** without numbers have rows too: ``narrator.claims``. A negation has none, save the few that it names.
* **Most affected**: services that deviate, the first of them one with an anomaly, and endpoints of the anomalies.
"""

import re
from collections.abc import Iterator

from narrator import claims, moments, names, vocabulary
from narrator.account import Account
from narrator.attribution import Attributed, Attribution, Claim
from narrator.check_lines import asks
from narrator.clauses import clauses, sentences
from narrator.facts import Fact, Facts, Role, Subject, Unit
from narrator.quantities import FAILING, THINGS, Quantity
from narrator.spelling import in_digits, normal

MAX_PROBLEMS = 8
"""Problems that are reported of one account."""

_LARGEST_ERROR = 0.1
_CAUSAL = re.compile(
    r"\b(?:due to|owing to|result(?:s|ed|ing)? (?:of|from|in)|come(?:s)? from (?:a|an|the)\b)", re.IGNORECASE
)
_CONDITIONAL = re.compile(r"\b(?:because|since (?!\W*[\d\uf000-\uf0ff])|caused?|causing)\b", re.IGNORECASE)
_INCIDENT = re.compile(r"\b(?:incident|overall|together|total)\b", re.IGNORECASE)
_SLOW = re.compile(r"\b(?:slow\w*|latency|longer|took|takes?|within|response times?)\b", re.IGNORECASE)
_BEYOND = re.compile(r"\b(?:longer|more|over|above|beyond|slower|exceed\w*)\b", re.IGNORECASE)
_WITHIN = re.compile(r"\b(?:less|under|below|within|most|up to|shorter|faster|quicker)\b", re.IGNORECASE)
_HALF_PERCENT = 50.0


def problems(account: Account, facts: Facts) -> tuple[str, ...]:
    """Return what the evidence does not hold, each with its place; empty when the account is grounded."""
    reading = _Reading(facts)
    found = [f"{place}: {problem}" for place, text in _texts(account) for problem in reading.problems_of(place, text)]
    found += [f"most_affected: {problem}" for problem in _affected(account.most_affected, facts)]
    return tuple(dict.fromkeys(found))[:MAX_PROBLEMS]


def _texts(account: Account) -> Iterator[tuple[str, str]]:
    yield from (("headline", account.headline), ("summary", account.summary), ("impact", account.impact))
    if account.hypothesis is not None:
        yield "hypothesis", account.hypothesis
    yield from (("check_first", line) for line in account.check_first)


def _affected(entries: tuple[str, ...], facts: Facts) -> Iterator[str]:
    with_anomaly = {one.subject.service for one in facts.deviations}
    for at, entry in enumerate(entries):
        place = next((one for one in facts.subjects if one.endpoint and entry == f"{one.service} {one.endpoint}"), None)
        service = entry if place is None else place.service
        if service not in facts.services:
            yield f"{entry!r} is neither a service nor a service with its endpoint"
        elif service not in with_anomaly and (at == 0 or not facts.kinds(service)):
            yield f"the evidence does not hold that {service!r} is affected" + (" most" if facts.kinds(service) else "")


class _Reading:
    """Reads the texts of one account in order; each goes on from what the headline was about."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._names = names.Names(facts)
        self._attribution = Attribution(facts, self._names)
        self._subject = frozenset({facts.deviations[0].subject})
        self._free = claims.free_words(facts)

    def problems_of(self, place: str, text: str) -> Iterator[str]:
        """Yield what the evidence does not hold of a text."""
        is_check = place == "check_first"
        marked, found = moments.mark(self._names.mark(in_digits(normal(text))))
        marked = claims.without_known_negations(marked, self._facts)
        yield from self._names.problems(marked)
        yield from vocabulary.problems(marked, (vocabulary.CHECK if is_check else vocabulary.STATEMENT) | self._free)
        if _CAUSAL.search(marked) or _CONDITIONAL.search(marked):
            yield "the evidence holds no cause"
        if is_check and not all(asks(sentence) for sentence in sentences(marked)):
            yield "a line of check_first says what to look at, it states nothing"
        about, read = self._subject, ""
        for sentence in sentences(marked):
            named: set[Subject] = set()
            for clause in clauses(sentence):
                said = self._attribution.attribute(clause, about)
                read = f"{clause}; {read}"
                yield from self._problems_of_clause(clause, said, found, read, is_check=is_check)
                if place == "headline" and not named:
                    self._subject = said.about
                about, named = said.about, named | (said.named if re.search(names.MARK, clause) else set())
            about = frozenset(named) or about

    def _problems_of_clause(
        self, clause: str, said: Attributed, times: tuple[moments.Moment, ...], read: str, *, is_check: bool
    ) -> Iterator[str]:
        yield from said.problems
        services = {subject.service for subject in said.named}
        yield from moments.problems(clause, times, services, self._facts)
        for claim in said.claims:
            minute = moments.minute_meant(clause, times, *claim.place)
            problem = self._problem_of(claim, read, frozenset() if minute is None else frozenset({minute}))
            yield from () if problem is None else (problem,)
        if not is_check and moments.names_another_minute(clause):
            yield "a minute is named by its time, such as 13:37"
        if not is_check:
            yield from claims.problems(clause, said, self._facts, self._names)

    def _problem_of(self, claim: Claim, read: str, minutes: frozenset[str]) -> str | None:
        number = claim.quantity
        if number.unit in THINGS:
            held = any(_is_fact(fact, number) for fact in self._facts.things)
        else:
            held = all(self._holds(subject, number, read, minutes) for subject in claim.subjects)
        if held:
            return None
        about = ", ".join(sorted(f"{one.service} {one.endpoint}".strip() for one in claim.subjects))
        return f"the number {number.shown!r} is not in the evidence of {about}"

    def _holds(self, subject: Subject, number: Quantity, read: str, minutes: frozenset[str]) -> bool:
        if number.is_total and number.unit is Unit.FAILED and subject.endpoint:
            subject = Subject(subject.service)
        minutes_of_others = minutes - self._facts.worst.get(subject, frozenset())
        known = list(self._facts.rows.get(subject, ()))
        if _INCIDENT.search(read.partition(";")[0]):
            known += [one for one in self._facts.things if one.unit is Unit.MINUTES]
        meant = [one for one in known if one.at in minutes or (one.at is None and not minutes_of_others)]
        if minutes_of_others and {Role.USUAL, Role.LIMIT} & number.roles:
            meant += [one for one in known if one.role in {Role.USUAL, Role.LIMIT}]
        if number.unit is Unit.FAILED and number.value == 0 and not number.is_part:
            return all(one.value == 0 for one in known if one.unit is Unit.FAILED) and any(
                one.unit is Unit.FAILED for one in known
            )
        return any(_is_fact(one, number) and _fits(one, read) for one in meant)


def _is_fact(fact: Fact, number: Quantity) -> bool:
    """Whether a fact is what a number says, by unit, role and the rules of rounding."""
    if fact.unit is not number.unit or fact.role not in number.roles:
        return False
    value, shown = fact.value * number.scale, number.value
    if number.bound < 0 and 0 < value < shown == 0.001:
        return True
    half = 0.5 * 10.0**-number.decimals
    if abs(value - shown) > min(half * (1 + 1e-9), _LARGEST_ERROR * abs(value)) + 1e-9 * abs(value):
        return False
    if fact.role is not Role.VALUE:
        return True
    return number.bound * (value - shown) >= -1e-9 * abs(value)


def _fits(fact: Fact, read: str) -> bool:
    """Whether a text, its last clause first, speaks of what the fact measures, where the unit leaves that open."""
    if fact.unit is not Unit.PERCENT:
        return True
    if fact.role is Role.QUANTILE:
        clause = read.partition(";")[0]
        is_within, is_beyond = _WITHIN.search(clause) is not None, _BEYOND.search(clause) is not None
        is_side = (is_within and not is_beyond) if fact.value > _HALF_PERCENT else (is_beyond or not is_within)
        return is_side and _SLOW.search(clause) is not None and not FAILING.search(clause)
    return fact.role is not Role.VALUE or FAILING.search(read) is not None
