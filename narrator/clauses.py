"""How a text falls apart: sentences, clauses with a predicate of their own, and atoms between commas and *and*."""

import re
from collections.abc import Iterator

from narrator import names

_SENTENCE = re.compile(r"(?<=[.!?])[\"')]*\s+|\s*[\n]+\s*")
_VERB = r"(?:is|was|has|also|deviates|fails|answers|receives|shows)\b"
_HIT = r"(?:affected|impacted|degraded|deviat\w+)\b"
_CLAUSE = re.compile(
    rf"\s*;\s*|,?\s+(?:while|whereas|but|although)\s+"
    rf"|,\s+and\s+(?=(?:the )?{names.MARK} (?:service )?{_VERB})"
    rf"|\s+and\s+(?=(?:the )?{names.MARK} (?:(?:is|was) )?also\b)"
    rf"|,\s+(?:with )?(?=(?:and )?{names.MARK}(?:(?:, and|,| and) {names.MARK})* (?:(?:is|are|was|were) )?also {_HIT})"
    rf"|,\s+and\s+(?=\d[\d,.]*(?: ?%| percent)? of (?:the )?(?:\d[\d,]* )?requests to {names.MARK})",
    re.IGNORECASE,
)
_TWO_SUBJECTS = re.compile(
    rf"^(.*{names.MARK} (?:service )?{_VERB}.*?)\s+and\s+((?:the )?{names.MARK} (?:service )?{_VERB}.*)$", re.IGNORECASE
)
_OPENING = re.compile(r"^(?:while|whereas|although)\s+([^,]+),\s*", re.IGNORECASE)
_ATOM = re.compile(r"\s*,(?!\d{3})\s*|\s*[()\[\]]\s*|:\s+|\s+and\s+|\s*[–—]\s*|\s+-\s+", re.IGNORECASE)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text whose names and times are marks."""
    yield from (one for one in _SENTENCE.split(text) if one.strip())


def clauses(sentence: str) -> Iterator[str]:
    """Yield the parts of a sentence that say something about a subject of their own.

    >>> list(clauses("While a is slow, b fails; c is quiet but d is busy"))
    ['a is slow', 'b fails', 'c is quiet', 'd is busy']
    """
    opening = _OPENING.match(sentence)
    if opening is not None:
        yield opening[1]
        sentence = sentence[opening.end() :]
    for one in _CLAUSE.split(sentence):
        two = _TWO_SUBJECTS.match(one)
        yield from (part for part in ((one,) if two is None else two.groups()) if part.strip())


def atoms(clause: str) -> Iterator[str]:
    """Yield the pieces of a clause between commas, brackets, colons, dashes and *and*.

    >>> list(atoms("a: 1,200 requests (usually 7), and more"))
    ['a', '1,200 requests', 'usually 7', 'and more']
    """
    yield from (one for one in _ATOM.split(clause.rstrip(" .!?")) if one and one.strip())
