"""The sink remembers how far it came, per cluster and partition, and sees what is missing."""

import logging
from datetime import timedelta

import pytest

from exporters.store.progress import PartitionProgress, stream_time
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.traffic import PARTITIONS, START, batch_end, messages, update

RECORDS = "SELECT name, value FROM counters WHERE name LIKE 'sink%' ORDER BY ALL"


def test_the_next_offset_is_after_the_last_message(sink: Sink) -> None:
    sink.apply("A", messages([update(), update()], first_offset=5))
    assert sink.progress("A") == {PARTITIONS[0]: PartitionProgress(next_offset=7)}
    assert sink.progress("B") == {}


def test_older_messages_do_not_move_it_back(sink: Sink) -> None:
    sink.apply("A", messages([update()], first_offset=5))
    sink.apply("A", messages([update()], first_offset=2))
    assert sink.progress("A")[PARTITIONS[0]].next_offset == 6


def test_a_gap_is_counted_and_logged(sink: Sink, rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
    sink.apply("A", messages([update()], first_offset=0))
    with caplog.at_level(logging.ERROR):
        sink.apply("A", messages([update()], first_offset=4))
    assert rows(RECORDS) == [
        {"name": "sink_records_lost_total", "value": 3},
        {"name": "sink_records_total", "value": 2},
    ]
    assert "raise its retention" in caplog.text


def test_where_a_new_reader_starts_is_no_gap(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([update()], first_offset=1000))
    assert rows(RECORDS) == [{"name": "sink_records_total", "value": 1}]


def test_stream_time_is_that_of_the_slowest_partition(sink: Sink) -> None:
    for number, source in enumerate(PARTITIONS):
        assert stream_time(sink.progress("A"), PARTITIONS) is None
        sink.apply("A", messages([batch_end(number)], source))
    assert stream_time(sink.progress("A"), PARTITIONS) == START + timedelta(minutes=1)


def test_event_time_never_runs_backwards(sink: Sink) -> None:
    old, none = batch_end(1), batch_end(2, received=0, max_event_time=None)
    sink.apply("A", messages([batch_end(5), old, none]))
    assert sink.progress("A")[PARTITIONS[0]].max_event_time == START + timedelta(minutes=6)
