"""From the text of a model to an account: thinking, fences and prose around the JSON are passed over."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from narrator.account import MAX_AFFECTED, MAX_LINE, MAX_PARAGRAPH, Account

MAX_TEXT_LENGTH = 64 * 1024
"""Longer texts, in characters, are no answer."""

MAX_CHECKS = 5
_MAX_TRIES = 20

_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.IGNORECASE | re.DOTALL)
_END_OF_THOUGHT = re.compile(r"^.*</think(?:ing)?>", re.IGNORECASE | re.DOTALL)
_OPEN_THOUGHT = re.compile(r"<think(?:ing)?>.*\Z", re.IGNORECASE | re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w/*])\*\*(?=\S)([^*]+)(?<=\S)\*\*(?![\w/*])")
_ENUMERATION = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+")


class InvalidAnswerError(ValueError):
    """The model's text holds no account; the message says what is missing."""


def _plain(value: object) -> object:
    """Return text on one line, without what cannot be printed and without Markdown's asterisks around words."""
    if not isinstance(value, str):
        return value
    text = _EMPHASIS.sub(r"\1", " ".join(value.split()))
    return "".join(letter for letter in text if letter.isprintable())


def _none_if_unsaid(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() in {"", "null", "none"} else _plain(value)


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _distinct(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))


def _without_empty(value: object) -> object:
    """Return lines without those that say nothing: small models number more lines than they have to say."""
    if not isinstance(value, list):
        return value
    return [line for line in value if not isinstance(line, str) or _ENUMERATION.sub("", f"{line} ").strip()]


def _not_enumerated(value: object) -> object:
    return _plain(_ENUMERATION.sub("", value)) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_plain), Field(min_length=1, max_length=MAX_LINE)]
Check = Annotated[str, BeforeValidator(_not_enumerated), Field(min_length=1, max_length=MAX_LINE)]
Paragraph = Annotated[str, BeforeValidator(_plain), Field(min_length=1, max_length=MAX_PARAGRAPH)]


class Answer(BaseModel):
    """What a model is asked for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    headline: Line
    summary: Paragraph
    impact: Paragraph
    most_affected: Annotated[tuple[Line, ...], Field(max_length=MAX_AFFECTED), AfterValidator(_distinct)]
    hypothesis: Annotated[Paragraph | None, BeforeValidator(_none_if_unsaid)]
    check_first: Annotated[
        tuple[Check, ...],
        BeforeValidator(_without_empty),
        Field(min_length=1, max_length=MAX_CHECKS),
        AfterValidator(_distinct),
    ]
    confidence: Annotated[Literal["low", "medium", "high"], BeforeValidator(_lower)]


_TEXT = {"type": "string", "minLength": 1}
FORMAT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "headline": _TEXT,
        "summary": _TEXT,
        "impact": _TEXT,
        "most_affected": {"type": "array", "items": _TEXT, "maxItems": MAX_AFFECTED},
        "hypothesis": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "check_first": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MAX_CHECKS},
        "confidence": {"type": "string", "enum": ["low", "medium", "high"]},
    },
    "required": ["headline", "summary", "impact", "most_affected", "hypothesis", "check_first", "confidence"],
}
"""The JSON schema that a model's sampling is held to. Lengths are left to ``Answer``: a grammar with long repetitions
makes sampling slow."""


def parse(text: str) -> Account:
    """Return the account in a model's text.

    >>> parse("I cannot help with that.")
    Traceback (most recent call last):
        ...
    narrator.answer.InvalidAnswerError: there is no JSON object in the text

    Raises:
        InvalidAnswerError: there is no JSON object in it, or not one of the schema.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidAnswerError(f"the text has {len(text)} characters, allowed are {MAX_TEXT_LENGTH}")
    try:
        return Account(**dict(Answer.model_validate(_first_object(_without_thoughts(text)))))
    except ValidationError as error:
        wrong = ", ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:MAX_CHECKS])
        raise InvalidAnswerError(wrong) from error


def _without_thoughts(text: str) -> str:
    """Return what follows the thinking. Its opening tag may be missing; without a closing one, nothing follows."""
    return _OPEN_THOUGHT.sub("", _END_OF_THOUGHT.sub("", _THOUGHT.sub("", text)))


def _first_object(text: str) -> dict[str, Any]:
    """Return the first part of the text that is a JSON object; code fences and prose before it are passed over.

    Raises:
        InvalidAnswerError: there is none.
    """
    # Not strict: some servers' grammars let a model break a line inside a string.
    decoder, start = json.JSONDecoder(strict=False), text.find("{")
    for _ in range(_MAX_TRIES):
        if start < 0:
            break
        try:
            found: dict[str, Any] = decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
        else:
            return found
    raise InvalidAnswerError("there is no JSON object in the text")
