"""The Python verdict against the corpus, the JSON Schema and the broker's clock."""

import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from contracts import event
from contracts.corpus import CASES, Case
from contracts.event import FUTURE_TOLERANCE, Reason, Rejected, parse_event
from contracts.times import to_rfc3339

RECORD_TIME = datetime(2026, 1, 1, 1, tzinfo=UTC)


def is_for_the_schema(case: Case) -> bool:
    """Not a matter of bytes, of the calendar, or of how Python reads $ before a final newline."""
    decided = case.verdict in {"ok", "missing_field", "wrong_type", "out_of_range"}
    return decided and b'\\n"' not in (case.message or b"")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_is_that_of_the_corpus(case: Case) -> None:
    assert verdict(case.message) == case.verdict


def verdict(message: bytes | None, record_time: datetime = RECORD_TIME) -> str:
    try:
        parse_event(message, record_time)
    except Rejected as rejected:
        return str(rejected.reason)
    return "ok"


@pytest.mark.parametrize("case", [case for case in CASES if is_for_the_schema(case)], ids=lambda case: case.name)
def test_the_schema_agrees_wherever_it_can_decide(case: Case) -> None:
    fields = json.loads(case.message or b"")
    assert jsonschema.Draft202012Validator(event.SCHEMA).is_valid(fields) == (case.verdict == "ok")


def test_every_reason_is_in_the_corpus() -> None:
    assert {case.verdict for case in CASES} == {*map(str, Reason), "ok"}


def test_names_in_the_corpus_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize(("ahead", "expected"), [(timedelta(0), "ok"), (timedelta(microseconds=1), "future")])
def test_an_event_is_future_only_beyond_the_tolerance(ahead: timedelta, expected: str) -> None:
    moment = to_rfc3339(RECORD_TIME + FUTURE_TOLERANCE + ahead)
    message = {"event_time": moment, "service": "a", "endpoint": "/", "latency_ms": 1, "status_code": 200}
    assert verdict(json.dumps(message).encode()) == expected


def test_an_event_keeps_its_time_in_utc() -> None:
    case = next(case for case in CASES if case.name == "time with an offset")
    assert parse_event(case.message, RECORD_TIME).event_time.isoformat() == "2026-01-01T00:00:00+00:00"
