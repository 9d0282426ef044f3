"""One form for everything that a text may write in several ways: characters, numbers in words, definitions."""

import re
import unicodedata

NAME_MARKS = (0xE000, 0xEFFF)
"""Code points that stand for names of the evidence while a text is read; a text's own are taken out."""

MOMENT_MARKS = (0xF000, 0xF0FF)
"""Code points that stand for moments."""

_PRIVATE = re.compile("[\ue000-\uf8ff]")
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_VALUES = {word: number for number, word in enumerate(_SMALL)} | {word: 20 + 10 * at for at, word in enumerate(_TENS)}
_WORD = "|".join(sorted([*_VALUES, *_SCALES], key=len, reverse=True))
_SPELLED = re.compile(rf"\b(?:{_WORD})(?:(?:[ -]| and )(?:{_WORD}))*\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"[ -](?:per ?cent|percent|%|seconds?|milliseconds?|minutes?|hours?|days?|failed|failures?|errors?|requests?"
    r"|services?|anomal|of \d|times)",
    re.IGNORECASE,
)
_REPLACED = (
    (re.compile(r"\b(?:p95|95th(?: percentile)?|latency_p95_seconds)\b", re.IGNORECASE), "latency"),
    (re.compile(r"\b(?:(?:http )?5xx(?: status(?: codes?)?)?)\b", re.IGNORECASE), "errors"),
    (re.compile(r"\b(error|latency|traffic|request)_(surge|spike|drop|ratio|rate)\b", re.IGNORECASE), r"\1 \2"),
    (re.compile(r"\bserver(?:[ -]side)? (errors?|failures?)\b", re.IGNORECASE), r"\1"),
    (re.compile(r"\btwice\b|\bdoubl(?:e[ds]?|ing)\b", re.IGNORECASE), "2 times"),
    (re.compile(r"\btripl(?:e[ds]?|ing)\b", re.IGNORECASE), "3 times"),
    (re.compile(r"\bquadrupl(?:e[ds]?|ing)\b", re.IGNORECASE), "4 times"),
    (re.compile(rf"\b({'|'.join(_SMALL[2:11])})[- ]?fold\b", re.IGNORECASE), r"\1 times"),
    (re.compile(r"\bno (failed requests?|failures?|errors?|requests?)\b", re.IGNORECASE), r"0 \1"),
    (re.compile(r"\bno traffic\b", re.IGNORECASE), "0 requests"),
    (
        re.compile(r"(?<!than |\w as )\b(usual|usually|normal|normally|baseline|limit|threshold): ", re.IGNORECASE),
        r"\1 ",
    ),
    (re.compile(r"\bas well\b", re.IGNORECASE), "also"),
    (re.compile(r"\b(?:can't|cannot)\b", re.IGNORECASE), "can not"),
    (re.compile(r"n't\b", re.IGNORECASE), " not"),
)


def normal(text: str) -> str:
    """Return the text with one form for each character: digits of other scripts and special spaces are seen too."""
    plain = _PRIVATE.sub("\ufffd", unicodedata.normalize("NFKC", text))
    return plain.replace("\u2019", "'").replace("\u2018", "'").replace("\u201c", '"').replace("\u201d", '"')


def in_digits(text: str) -> str:
    """Return the text with numbers in digits, and p95, 5xx and names of metrics as the words that they mean.

    ``one`` stays a word unless it counts something.

    >>> in_digits("Thirty-six percent, twice the usual; no errors at one endpoint; p95 of one hundred and five ms")
    '36 percent, 2 times the usual; 0 errors at one endpoint; latency of 105 ms'
    """
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return _SPELLED.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    words = [word for word in re.split(r"[ -]+", found.group().lower()) if word != "and"]
    if words == ["one"] and not _COUNTED.match(found.string, found.end()):
        return found.group()
    total, group = 0, 0
    for word in words:
        if word == "hundred":
            group = max(group, 1) * 100
        elif word in _SCALES:
            total, group = total + max(group, 1) * _SCALES[word], 0
        else:
            group += _VALUES[word]
    return str(total + group)
