"""Topic records: what is written is read again, and nothing else is."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from contracts.records import (
    BatchEnd,
    Bucket,
    DeadLetter,
    MalformedRecordError,
    Record,
    RecordTooLargeError,
    WindowUpdate,
    decode_aggregated_metric,
)
from contracts.topics import MAX_RECORD_BYTES

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
UPDATE = WindowUpdate(
    window_start=MOMENT,
    window_end=MOMENT + timedelta(minutes=1),
    service="checkout",
    endpoint="/api/cart",
    buckets=(Bucket(-96, 41, 0, 5.13, 0.1253), Bucket(-95, 12, 1, 1.6, 0.1277)),
    run_id="r",
    batch_id=17,
    emitted_at=MOMENT,
)
END = BatchEnd(
    run_id="r",
    batch_id=17,
    offsets={0: (5, 12), 3: (0, 1)},
    received=8,
    counted=3,
    duplicate=1,
    late=1,
    invalid={"invalid_json": 2},
    future=1,
    lost=0,
    watermark=None,
    max_event_time=MOMENT,
    duration_seconds=0.5,
    emitted_at=MOMENT,
)
LETTER = DeadLetter(
    topic="raw_events",
    partition=1,
    offset=9,
    reason="empty",
    received_at=MOMENT,
    encoding="utf-8",
    content="",
    size_bytes=0,
    sha256="0",
)


@pytest.mark.parametrize("record", [UPDATE, END])
def test_an_aggregated_metric_is_read_as_it_was_written(record: WindowUpdate | BatchEnd) -> None:
    assert decode_aggregated_metric(record.encode()) == record


def test_a_dead_letter_is_read_as_it_was_written() -> None:
    assert DeadLetter.decode(LETTER.encode()) == LETTER
    assert LETTER.key == "raw_events-1-9"


def test_unknown_fields_of_a_newer_writer_are_ignored() -> None:
    assert DeadLetter.decode(LETTER.encode()[:-1] + b', "new": [1]}') == LETTER


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"null",
        b"[]",
        b"\xff",
        UPDATE.encode()[:-1],
        UPDATE.encode().replace(b'"schema_version":1', b'"schema_version":2'),
        UPDATE.encode().replace(b"41", b"-41"),
        UPDATE.encode().replace(b"41", b'"41"'),
        UPDATE.encode().replace(b"5.13", b"NaN"),
        UPDATE.encode().replace(b"2026-01-01T00:00:00Z", b"2026-01-01T00:00:00"),
        UPDATE.encode().replace(b"2026-01-01T00:00:00Z", b"0001-01-01T00:00:00+14:00"),
        b'"' + b"x" * MAX_RECORD_BYTES + b'"',
    ],
)
def test_anything_else_is_malformed(value: bytes | None) -> None:
    with pytest.raises(MalformedRecordError):
        decode_aggregated_metric(value)


def test_times_are_written_in_utc() -> None:
    east = MOMENT.astimezone(timezone(timedelta(hours=2)))
    assert UPDATE.model_copy(update={}).window_start == east
    assert DeadLetter.model_validate({**LETTER.model_dump(), "received_at": east}).received_at.tzinfo is UTC


def test_a_record_over_the_limit_is_not_written() -> None:
    with pytest.raises(RecordTooLargeError, match="DeadLetter has"):
        LETTER.model_copy(update={"content": "x" * MAX_RECORD_BYTES}).encode()


def test_the_largest_update_is_within_the_limit() -> None:
    every_bucket = tuple(Bucket(i, 10**9, 10**9, 123456.78901234, 3599.123456789) for i in range(-638, 380))
    names = {"service": "s" * 128, "endpoint": "😀" * 256}
    assert len(UPDATE.model_copy(update={"buckets": every_bucket, **names}).encode()) < MAX_RECORD_BYTES


@pytest.mark.parametrize("record", [UPDATE, END, LETTER])
def test_a_record_cannot_be_changed(record: Record) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(record, "schema_version", 1)  # noqa: B010


def test_what_no_class_explains_is_unaccounted() -> None:
    assert END.unaccounted == 0
    assert END.model_copy(update={"received": 10}).unaccounted == 2
