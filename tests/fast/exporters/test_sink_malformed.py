"""A bad record is counted, logged with its position and survived."""

import logging
from datetime import timedelta

import pytest

from contracts.records import Record
from exporters.store.sink import Sink
from runtime.topic_log import TopicPartition
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.incidents import FOUND, INJECTED, TOLD, anomaly, injection, summary
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


BAD_BY_TOPIC: dict[str, tuple[TopicPartition, Record | bytes]] = {
    "an anomaly of a service that no event can have": (FOUND, anomaly(service="a b")),
    "an anomaly of an endpoint that no event can have": (FOUND, anomaly(endpoint="a\nb")),
    "an anomaly that resolved before it began": (FOUND, anomaly(end=1, resolved_at=START - timedelta(minutes=1))),
    "a revision that no column holds": (FOUND, anomaly(revision=10**30)),
    "an anomaly without a window": (FOUND, anomaly().encode().replace(b'"window_end"', b'"window_and"')),
    "a number that is none": (FOUND, anomaly().encode().replace(b"0.355", b"NaN")),
    "a number that cannot be": (FOUND, anomaly(metric_value=-1e300)),
    "a baseline that cannot be": (FOUND, anomaly(baseline_value=1e300)),
    "an endless fault": (INJECTED, injection(magnitude=1e300)),
    "a time before all times": (
        FOUND,
        anomaly().encode().replace(b"2026-01-01T12:01:15Z", b"0001-01-01T00:00:00+14:00"),
    ),
    "a time after all times": (
        FOUND,
        anomaly().encode().replace(b"2026-01-01T12:01:15Z", b"9999-12-31T23:59:59-14:00"),
    ),
    "a summary's revision that no column holds": (TOLD, summary().model_copy(update={"revision": 10**30})),
    "a summary in other words": (TOLD, summary().encode().replace(b'"high"', b'"sure"')),
    "an injection into a service that no event can have": (INJECTED, injection(service="")),
    "an injection that ends before it begins": (INJECTED, injection(start=2, end=1)),
    "an injection's revision that no column holds": (INJECTED, injection(revision=10**30)),
}


@pytest.mark.parametrize(("source", "record"), BAD_BY_TOPIC.values(), ids=BAD_BY_TOPIC.keys())
def test_a_bad_record_about_incidents_is_passed_over_and_the_rest_applied(
    sink: Sink, rows: Rows, source: TopicPartition, record: Record | bytes
) -> None:
    good = {FOUND: anomaly("good"), TOLD: summary("good"), INJECTED: injection("good")}[source]
    sink.apply("A", messages([record, good], source))
    assert rows("SELECT value FROM counters WHERE labels LIKE '%malformed%'") == [{"value": 1}]
    assert len(rows(f"FROM {source.topic}")) == 1


def test_the_log_names_the_position(sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sink.apply("A", messages([b"{"], first_offset=42))
    (line,) = caplog.records
    assert {"topic": "aggregated_metrics", "partition": 0, "offset": 42}.items() <= vars(line).items()


def test_a_dead_letter_that_is_malformed_is_passed_over_too(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([b"{", dead_letter(1, partition=2**40), dead_letter(2)], LETTERS))
    assert rows('SELECT "offset" FROM dead_letters') == [{"offset": 2}]
