"""Names of services and endpoints in a text: found as whole words, and read through marks from then on.

A name is untrusted: one that is more than a word, or reads like a number, is a name only where it stands in quotes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from narrator.facts import Facts, Subject
from narrator.spelling import NAME_MARKS, normal
from narrator.wording import spoken as in_text

METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"

MARK = f"[{chr(NAME_MARKS[0])}-{chr(NAME_MARKS[1])}]"
"""Pattern of one mark."""

_WITH_METHOD = re.compile(rf"(?:{METHODS}) (\S+)")
_OTHER_METHOD = re.compile(rf"\b(?:{METHODS}) {MARK}")
_QUOTES = re.compile(rf"[\"'`]({MARK})[\"'`]")


class Names:
    """The names of an incident's evidence."""

    def __init__(self, facts: Facts) -> None:
        self._subjects = facts.subjects
        self.services = facts.services
        endpoints = {subject.endpoint for subject in facts.subjects if subject.endpoint}
        with_paths = {found[1]: one for one in sorted(endpoints) if (found := _WITH_METHOD.fullmatch(one)) is not None}
        spoken = self.services | endpoints | frozenset(with_paths)
        self._spoken = sorted(spoken, key=lambda one: (-len(one), one))[: NAME_MARKS[1] - NAME_MARKS[0]]
        self._exact = {normal(in_text(one)): at for at, one in enumerate(self._spoken)}
        self._pattern = _pattern(self._exact)
        lowered = [one.lower() for one in self._exact]
        self._any_case = {one.lower(): at for one, at in self._exact.items() if lowered.count(one.lower()) == 1}

    def mark(self, text: str) -> str:
        """Return the text with each name replaced by its mark, quotes around it and a possessive s after it gone."""
        if not self._spoken:
            return text
        marked = self._pattern.sub(self._marked, text)
        return re.sub(rf"({MARK})'s?(?![\w'])", r"\1", _QUOTES.sub(r"\1", marked))

    def _marked(self, found: re.Match[str]) -> str:
        at = self._exact.get(found.group(), self._any_case.get(found.group().lower()))
        return found.group() if at is None else chr(NAME_MARKS[0] + at)

    def problems(self, marked: str) -> Iterator[str]:
        """Yield the endpoints that a text names with a method which the evidence does not have there."""
        for found in _OTHER_METHOD.findall(marked):
            yield f"'{found[:-1]}{self.spoken(found[-1])}' is not a name of the evidence"

    def spoken(self, mark: str) -> str:
        """Return the name behind a mark."""
        return self._spoken[ord(mark) - NAME_MARKS[0]]

    def is_service(self, mark: str) -> bool:
        """Whether a mark stands for a service."""
        return self.service(mark) is not None

    def service(self, mark: str) -> str | None:
        """Return the service behind a mark; None when it stands for an endpoint."""
        spoken = self.spoken(mark)
        return spoken if spoken in self.services else None

    def places(self, mark: str) -> frozenset[Subject]:
        """Return the endpoints behind a mark, each with its service; a path stands for it with any method."""
        spoken = self.spoken(mark)
        return frozenset(
            one
            for one in self._subjects
            if one.endpoint == spoken
            or ((found := _WITH_METHOD.fullmatch(one.endpoint)) is not None and found[1] == spoken)
        )


def as_in_evidence(entries: Sequence[str], facts: Facts) -> tuple[str, ...]:
    """Return what is affected in the spelling of the evidence, where only the case of its letters differs."""
    known = [f"{one.service} {one.endpoint}".strip() for one in facts.subjects] + list(facts.services)
    spellings: dict[str, set[str]] = {}
    for one in known:
        spellings.setdefault(one.lower(), set()).add(one)
    found = [spellings.get(entry.lower(), {entry}) for entry in entries]
    return tuple(dict.fromkeys(min(one) if len(one) == 1 else entry for one, entry in zip(found, entries, strict=True)))


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Match any of the names, the longest first. Case is open: a name may begin a sentence."""
    quoted = [re.escape(one) for one in names if one.startswith('"')]
    plain = "|".join(re.escape(one) for one in names if not one.startswith('"'))
    as_word = [rf"(?<![\w/-])(?<![\w/]\.)(?:{plain})(?![\w/-])(?!\.\w)"] if plain else []
    return re.compile("|".join([*quoted, *as_word]), re.IGNORECASE)
