"""Samples on their way to Prometheus: read, grouped, ended, written as bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.history.remote_write import STALE, StoredOtherwiseError, write_request
from local.history.samples import SAMPLES_AT_ONCE, CutOffError, Outbox, labels_of, read_samples, written

TEXT = """# TYPE up gauge
up{job="a b",path="/x {y}"} 1 1700000000.000
up 0.5 1700000015.5
# EOF"""

NAN_OF_AN_END = struct.pack("<Q", 0x7FF0000000000002)


def test_samples_are_read_with_their_time() -> None:
    assert list(read_samples(TEXT.splitlines())) == [
        ('up{job="a b",path="/x {y}"}', 1_700_000_000_000, 1.0),
        ("up", 1_700_000_015_500, 0.5),
    ]


@pytest.mark.parametrize("lines", [TEXT.splitlines()[:-1], [], ["# TYPE up gauge"]])
def test_a_text_without_its_end_is_cut_off(lines: list[str]) -> None:
    with pytest.raises(CutOffError):
        list(read_samples(lines))


@given(st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_]*", fullmatch=True), st.text()))
def test_labels_are_read_as_they_were_written(labels: dict[str, str]) -> None:
    named = {**labels, "__name__": "up"}
    assert labels_of(written(named)) == named


def test_the_bytes_are_those_of_the_protocol() -> None:
    label = b"\x0a\x08__name__\x12\x02up"
    sample = b"\x09" + struct.pack("<d", 1.5) + b"\x10\xac\x02"
    series = b"\x0a" + bytes([len(label)]) + label + b"\x12" + bytes([len(sample)]) + sample
    request = b"\x0a" + bytes([len(series)]) + series
    literal = b"\xfc" + struct.pack("<I", len(request) - 1) + request
    assert write_request([({"__name__": "up"}, [(300, 1.5)])]) == bytes([len(request)]) + literal


def test_the_mark_of_an_end_is_the_one_that_prometheus_knows() -> None:
    assert NAN_OF_AN_END in write_request([({"__name__": "up"}, [(300, STALE)])])


def put(*seconds: int, end: int) -> tuple[list[bytes], Outbox]:
    bodies: list[bytes] = []
    outbox = Outbox(bodies.append)
    for second in seconds:
        outbox.put("up", 1000 * second, 1.0)
    outbox.finish(1000 * end)
    return bodies, outbox


@pytest.mark.parametrize(
    ("seconds", "end", "marks"),
    [((0, 15, 30), 30, 0), ((0, 15, 30), 45, 0), ((0, 15, 30), 60, 1), ((0, 15, 60, 75), 75, 1), ((0, 60), 120, 2)],
)
def test_a_series_that_pauses_or_ends_gets_a_mark(seconds: tuple[int, ...], end: int, marks: int) -> None:
    (body,), outbox = put(*seconds, end=end)
    assert body.count(NAN_OF_AN_END) == marks
    assert outbox.sent == len(seconds) + marks
    assert (outbox.first_ms, outbox.last_ms) == (1000 * seconds[0], 1000 * seconds[-1])


def test_requests_are_bounded_and_nothing_is_lost() -> None:
    bodies, outbox = put(*range(0, 15 * (2 * SAMPLES_AT_ONCE + 1), 15), end=0)
    assert len(bodies) == 3
    assert outbox.sent == 2 * SAMPLES_AT_ONCE + 1


def test_what_is_stored_with_another_value_is_passed_over_and_the_rest_arrives() -> None:
    stored: list[bytes] = []

    def send(body: bytes) -> None:
        if struct.pack("<d", 7.0) in body:
            raise StoredOtherwiseError
        stored.append(body)

    outbox = Outbox(send)
    for second in range(10):
        for series in ("up", "down"):
            outbox.put(series, 15_000 * second, float(second))
    outbox.finish(135_000)
    values = [value for value in range(10) for body in stored for _ in range(body.count(struct.pack("<d", value)))]
    assert values == [value for value in range(10) if value != 7 for _ in ("up", "down")]
    assert outbox.sent == 18
