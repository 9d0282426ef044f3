"""Records that no event can have led to are refused before they reach the engine."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.histogram import ZERO_INDEX
from contracts.records import Bucket, MalformedRecordError, Record
from detector.decoding import decode
from tests.fast.detector.counting import MINUTE, START
from tests.fast.detector.streamed import batch_end, update

GOOD = Bucket(-96, 10, 1, 1.0, 0.2)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("record", [update(START, "a", "/", [GOOD]), update(START, "a", "/", []), batch_end(0, None)])
def test_what_streaming_writes_is_read(record: Record) -> None:
    assert decode(record.encode()) == record


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"\xff", b'{"record":"other"}', b'{"record":"batch_end"}'])
def test_what_is_no_record_is_refused(value: bytes | None) -> None:
    with pytest.raises(MalformedRecordError):
        decode(value)


@pytest.mark.parametrize(
    ("changed", "flaw"),
    [
        ({"window_start": START + SECOND, "window_end": START + SECOND + MINUTE}, "window_start"),
        ({"window_end": START + 2 * MINUTE}, "window_start"),
        ({"window_end": START - MINUTE}, "window_start"),
        ({"window_start": datetime(1, 1, 1, tzinfo=UTC), "window_end": datetime(1, 1, 1, 0, 1, tzinfo=UTC)}, "1970"),
        ({"service": ""}, "service"),
        ({"service": "s" * 129}, "service"),
        ({"service": "a\nb"}, "service"),
        ({"endpoint": ""}, "endpoint"),
        ({"endpoint": "e" * 257}, "endpoint"),
        ({"buckets": (Bucket(ZERO_INDEX - 1, 1, 0, 0.0, 0.0),)}, "bucket -639"),
        ({"buckets": (Bucket(10**9, 1, 0, 0.0, 0.0),)}, "bucket 1000000000"),
        ({"buckets": (GOOD, Bucket(-95, 1, 2, 0.0, 0.0))}, "2 errors of 1 requests"),
    ],
)
def test_an_update_that_contradicts_itself_is_refused(changed: dict[str, object], flaw: str) -> None:
    record = update(START, "a", "/", [GOOD]).model_copy(update=changed)
    with pytest.raises(MalformedRecordError, match=flaw):
        decode(record.encode())


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-1", b"1.5", b'"10"', b"null"])
def test_no_number_of_requests_but_a_whole_one_gets_in(number: bytes) -> None:
    value = update(START, "a", "/", [GOOD]).encode()
    assert b"[-96,10,1," in value
    with pytest.raises(MalformedRecordError):
        decode(value.replace(b"[-96,10,1,", b"[-96," + number + b",1,"))


def test_an_end_before_1970_is_refused() -> None:
    with pytest.raises(MalformedRecordError, match="max_event_time"):
        decode(batch_end(0, datetime(1, 1, 1, tzinfo=UTC)).encode())
