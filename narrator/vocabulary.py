"""The words that an account may use freely. Whatever else it names has to be a name of the evidence."""

import re
from collections.abc import Iterator
from pathlib import Path

from narrator import moments, names
from narrator.quantities import NUMBER

_FOLDER = Path(__file__).parent / "words"
_TOKEN = re.compile(rf"[^\s{names.MARK[1:-1]}{moments.MARK[1:-1]}.,;:!?\"'`()\[\]/%&×~≈–—-]+")
_PLACE = re.compile(r"[\w\s.,;:!?\"'`()\[\]/%&×~≈–—-]")
_PATH = re.compile(r"(?<![\w.%)])/\w[^\s\"'`,;()\[\]{}<>]*")
_JOINED = re.compile(r"(?<!\w)\w+(?:[-./]\w+)*[-./](?:services?|endpoints?|api|apis)\b", re.IGNORECASE)
_BEFORE_SERVICE = re.compile(r"(?P<word>[\w'-]+)\s+(?:services?|endpoints?|apis?)\b", re.IGNORECASE)
_PER = re.compile(r"(?<!requests )\bper (?!minute\b|cent\b)\w+|\bper (?!second\b|minute\b|cent\b)\w+", re.IGNORECASE)
_MAX_SHOWN = 40
_FOREIGN_SHARE = 0.4
_FOREIGN_WORDS = 5


def _words(file_name: str) -> frozenset[str]:
    lines = (_FOLDER / file_name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


STATEMENT = _words("statement.txt")
"""Words for every field."""

_BEFORE_SERVICE_FREE = _words("before_service.txt")

CHECK = STATEMENT | _words("check.txt")
"""Words for the lines on what to check first."""


def problems(text: str, allowed: frozenset[str]) -> Iterator[str]:
    """Yield what a text holds that is neither a free word, nor a name, a number or a time.

    Args:
        text: names and times are marks, numbers are in digits.
        allowed: ``STATEMENT`` or ``CHECK``, with what the evidence adds.
    """
    for path in _PATH.findall(text):
        yield f"{path[:_MAX_SHOWN]!r} is not a name of the evidence"
    for joined in _JOINED.findall(text):
        yield f"{joined[:_MAX_SHOWN]!r} is not a name of the evidence"
    spare = NUMBER.sub(" ", text)
    for letter in dict.fromkeys(spare):
        if not (_PLACE.match(letter) or re.match(f"{names.MARK}|{moments.MARK}", letter)):
            yield f"the character {letter!r} has no place in the text"
    for found in _BEFORE_SERVICE.finditer(spare):
        if found["word"].lower() not in _BEFORE_SERVICE_FREE:
            yield f"{found.group()[:_MAX_SHOWN]!r} is not a name of the evidence"
    for rate in _PER.findall(spare):
        yield f"{rate!r} is not in the evidence"
    yield from _unknown_words(_PATH.sub(" ", spare), allowed)


def _unknown_words(text: str, allowed: frozenset[str]) -> Iterator[str]:
    words = [word for word in _TOKEN.findall(text) if word.strip("_")]
    unknown = [word for word in words if word.lower() not in allowed]
    if len(unknown) >= _FOREIGN_WORDS and len(unknown) > _FOREIGN_SHARE * len(words):
        yield "the text is not in plain English"
        return
    for word in dict.fromkeys(unknown):
        problem = (
            "is not in the evidence" if any(letter.isdigit() for letter in word) else "has no basis in the evidence"
        )
        yield f"the word {word[:_MAX_SHOWN]!r} {problem}"
