"""A bad record is counted, logged with its position and survived."""

import logging
from datetime import timedelta

import pytest

from contracts.records import Record
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.traffic import LETTERS, START, batch_end, dead_letter, messages, update

BAD: dict[str, Record | bytes | None] = {
    "nothing": None,
    "no JSON": b"{",
    "another version": update().encode().replace(b'"schema_version":1', b'"schema_version":2'),
    "a window of two minutes": update(window_end=START + timedelta(minutes=2)),
    "a window that starts within a minute": update(
        window_start=START + timedelta(seconds=1), window_end=START + timedelta(seconds=61)
    ),
    "a service that no event can have": update(service="a b"),
    "no endpoint": update(endpoint=""),
    "an index below the zero bucket": update([(-639, 1, 0, 0.0, 0.0)]),
    "an index above an hour": update([(380, 1, 0, 0.0, 0.0)]),
    "more requests than a column holds": update([(0, 10**30, 0, 0.0, 0.0)]),
    "more errors than requests": update([(0, 1, 2, 0.0, 0.0)]),
    "an endless sum": update([(0, 1, 0, 1e300, 0.0)]),
    "more events than a column holds": batch_end(received=10**30),
    "an endless batch": batch_end(duration_seconds=1e300),
}


@pytest.mark.parametrize("record", BAD.values(), ids=BAD.keys())
def test_a_bad_record_is_passed_over_and_the_rest_applied(
    sink: Sink, rows: Rows, record: Record | bytes | None
) -> None:
    sink.apply("A", messages([record, update()]))
    assert rows("SELECT request_count FROM endpoint_metrics") == [{"request_count": 10}]
    assert rows("SELECT labels, value FROM counters ORDER BY labels") == [
        {"labels": '{"outcome": "applied", "topic": "aggregated_metrics"}', "value": 1},
        {"labels": '{"outcome": "malformed", "topic": "aggregated_metrics"}', "value": 1},
    ]
    assert rows("SELECT next_offset FROM consumed_offsets") == [{"next_offset": 2}]


def test_the_log_names_the_position(sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sink.apply("A", messages([b"{"], first_offset=42))
    (line,) = caplog.records
    assert {"topic": "aggregated_metrics", "partition": 0, "offset": 42}.items() <= vars(line).items()


def test_a_dead_letter_that_is_malformed_is_passed_over_too(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([b"{", dead_letter(1, partition=2**40), dead_letter(2)], LETTERS))
    assert rows('SELECT "offset" FROM dead_letters') == [{"offset": 2}]
