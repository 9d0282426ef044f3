"""The event, its schema and the verdict on a raw message.

``event.schema.json`` is the single source of the rules. This module applies them in Python; the Spark job derives its
columns from the same ``RULES``. ``corpus.jsonl`` holds messages with the verdict that both must reach.
"""

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("event.schema.json").read_text(encoding="utf-8"))

MAX_EVENT_BYTES = 64 * 1024
"""Longer messages, in bytes, are not events."""

FUTURE_TOLERANCE = timedelta(minutes=5)
"""An event may be this much ahead of the broker's record time; beyond it, its clock is wrong."""

ERROR_STATUS = 500
"""Status codes from here up are errors."""


class Reason(StrEnum):
    """Why a message is not counted, in the order in which the reasons are looked for."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    INVALID_TIME = "invalid_time"
    OUT_OF_RANGE = "out_of_range"
    FUTURE = "future"


class Rejected(ValueError):  # noqa: N818 - a verdict, not a failure of the program
    """The message is not an event that can be counted; ``reason`` says why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What the schema asks of one field. ``pattern`` is without anchors and has to match the whole text."""

    name: str
    json_type: str
    required: bool
    pattern: str | None
    minimum: float | None
    maximum: float | None

    @property
    def is_text(self) -> bool:
        """Whether the field is a string."""
        return self.json_type == "string"


def _rule(name: str, schema: dict[str, Any]) -> FieldRule:
    declared = schema["type"]
    return FieldRule(
        name=name,
        json_type=declared if isinstance(declared, str) else declared[0],
        required=name in SCHEMA["required"],
        pattern=schema["pattern"].removeprefix("^").removesuffix("$") if "pattern" in schema else None,
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
    )


RULES: dict[str, FieldRule] = {name: _rule(name, schema) for name, schema in SCHEMA["properties"].items()}
"""The rule of every field of an event, by name, in the schema's order."""


@dataclass(frozen=True, slots=True)
class Event:
    """A message that passed every rule."""

    event_time: datetime
    service: str
    endpoint: str
    latency_ms: float
    status_code: int
    event_id: str | None = None
    trace_id: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether the request failed on the server's side."""
        return self.status_code >= ERROR_STATUS


def parse_event(message: bytes | None, record_time: datetime) -> Event:
    """Read a raw message.

    Args:
        message: value of the Kafka record; None for a record without one.
        record_time: when the broker appended the record.

    Raises:
        Rejected: with the first reason that applies.
    """
    fields = _json_object(message)
    present = {name: fields[name] for name in RULES if fields.get(name) is not None}
    _check_presence(present)
    _check_types(present)
    event_time = _check_time(present["event_time"])
    _check_ranges(present)
    if event_time > record_time + FUTURE_TOLERANCE:
        raise Rejected(Reason.FUTURE, f"event_time {present['event_time']} is ahead of the broker's clock")
    return Event(**{**present, "event_time": event_time, "status_code": int(present["status_code"])})


def _json_object(message: bytes | None) -> dict[str, Any]:
    if message is None or not message.strip(b" \t\r\n"):
        raise Rejected(Reason.EMPTY, "the record has no value")
    if len(message) > MAX_EVENT_BYTES:
        raise Rejected(Reason.TOO_LARGE, f"{len(message)} bytes, allowed are {MAX_EVENT_BYTES}")
    try:
        fields = json.loads(message.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise Rejected(Reason.INVALID_UTF8, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Rejected(Reason.INVALID_JSON, str(error)) from error
    if not isinstance(fields, dict):
        raise Rejected(Reason.INVALID_JSON, f"an event is a JSON object, not {type(fields).__name__}")
    return fields


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _check_presence(present: dict[str, Any]) -> None:
    for rule in RULES.values():
        if rule.required and rule.name not in present:
            raise Rejected(Reason.MISSING_FIELD, rule.name)


def _check_types(present: dict[str, Any]) -> None:
    for name, value in present.items():
        if not _has_type(value, RULES[name].json_type):
            raise Rejected(Reason.WRONG_TYPE, f"{name} is not a JSON {RULES[name].json_type}")


def _has_type(value: object, json_type: str) -> bool:
    if json_type == "string":
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return json_type == "number" or not math.isfinite(value) or value == int(value)


def _check_time(text: str) -> datetime:
    pattern = RULES["event_time"].pattern or ""
    if re.fullmatch(pattern, text) is None:
        raise Rejected(Reason.INVALID_TIME, f"event_time {text!r} is not RFC 3339 with a zone")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Rejected(Reason.INVALID_TIME, f"event_time {text!r}: {error}") from error


def _check_ranges(present: dict[str, Any]) -> None:
    for name, value in present.items():
        rule = RULES[name]
        if rule.minimum is not None and rule.maximum is not None and not rule.minimum <= value <= rule.maximum:
            raise Rejected(Reason.OUT_OF_RANGE, f"{name} {value!r} is not in [{rule.minimum}, {rule.maximum}]")
        if rule.pattern is not None and isinstance(value, str) and re.fullmatch(rule.pattern, value) is None:
            raise Rejected(Reason.OUT_OF_RANGE, f"{name} {value!r} does not match {rule.pattern}")
