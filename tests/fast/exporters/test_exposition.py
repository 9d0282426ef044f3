"""/metrics shows the snapshot, under the names of the one table."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts.metric import Kind
from contracts.metrics import BY_NAME
from exporters.snapshot import Snapshot
from exporters.store.decode import TOPICS
from exporters.store.figures import read_figures
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, injection, summary
from tests.fast.exporters.traffic import MINUTE, START, batch_end, messages, update

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(web: Web) -> Samples:
    text = web.client.get("/metrics").get_data(as_text=True)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def filled(web: Web, sink: Sink, pool: CursorPool) -> Samples:
    sink.apply("A", messages([update([(-320, 6, 1, 0.006, 0.001), (193, 2, 1, 140.0, 70.0)]), batch_end(), b"{"]))
    apply(sink, anomaly(), anomaly("b", severity="warning", end=2), summary(), injection())
    stream_time = START + MINUTE + timedelta(seconds=10)
    figures = read_figures(pool, stream_time)
    web.snapshot = Snapshot(START, START, START, stream_time, {"aggregated_metrics": 7}, figures)
    web.client.get("/api/v1/books")
    return samples(web)


def test_every_name_is_in_the_table_of_metrics_with_its_labels(web: Web, sink: Sink, pool: CursorPool) -> None:
    for name, labels in filled(web, sink, pool):
        metric = BY_NAME.get(name) or BY_NAME[name.rsplit("_", 1)[0]]
        own = {label for label, _ in labels} - {"le"}
        assert own == set(metric.labels)
        assert (name == metric.name) == (metric.kind is not Kind.HISTOGRAM)


def test_counters_and_classic_buckets_are_exact(web: Web, sink: Sink, pool: CursorPool) -> None:
    found = filled(web, sink, pool)
    series = {("service", "checkout"), ("endpoint", "/api/cart")}
    assert found["service_requests_total", frozenset(series)] == 8
    assert found["service_errors_total", frozenset(series)] == 2
    buckets = {le: value for (name, labels), value in found.items() if name.endswith("latency_seconds_bucket")
               for label, le in labels if label == "le"}  # fmt: skip
    assert (buckets["0.0009765625"], buckets["64.0"], buckets["+Inf"]) == (6, 6, 8)
    assert len(buckets) == 34


def test_the_books_and_positions_are_shown(web: Web, sink: Sink, pool: CursorPool) -> None:
    found = filled(web, sink, pool)
    assert found["events_received_total", frozenset()] == 10
    assert found["streaming_batch_duration_seconds_count", frozenset()] == 1
    assert found["pipeline_freshness_seconds", frozenset()] == 0
    assert found["stream_time_timestamp_seconds", frozenset({("part", "exporters")})] == START.timestamp() + 70
    lag = frozenset({("topic", "aggregated_metrics"), ("consumer", "exporters")})
    assert found["kafka_consumer_lag", lag] == 7
    malformed = frozenset({("topic", "aggregated_metrics"), ("outcome", "malformed")})
    assert found["sink_records_total", malformed] == 1


def test_what_is_open_and_what_was_counted_is_shown(web: Web, sink: Sink, pool: CursorPool) -> None:
    found = filled(web, sink, pool)
    critical = frozenset({("service", "payments"), ("type", "error_surge"), ("severity", "critical")})
    assert found["anomalies_active", critical] == found["anomalies_detected_total", critical] == 1
    assert len([name for name, _ in found if name == "anomalies_active"]) == 1
    assert found["incidents_open", frozenset({("severity", "critical")})] == 1
    assert found["incidents_open", frozenset({("severity", "warning")})] == 0
    assert found["incident_summaries_total", frozenset({("source", "llm")})] == 1
    injected = frozenset({("service", "payments"), ("kind", "error_surge")})
    assert found["injections_recorded_total", injected] == 1


def test_the_objective_and_what_is_left_of_the_budget_are_shown(web: Web, sink: Sink, pool: CursorPool) -> None:
    found = filled(web, sink, pool)
    service = frozenset({("service", "checkout")})
    assert found["slo_objective_ratio", service] == 0.995
    assert found["slo_error_budget_remaining_ratio", service] == pytest.approx(1 - 0.25 / 0.005)


def test_how_well_faults_are_detected_is_shown(web: Web, sink: Sink, pool: CursorPool) -> None:
    found = filled(web, sink, pool)
    outcomes = {
        (dict(labels)["kind"], dict(labels)["outcome"]): value
        for (name, labels), value in found.items()
        if name == "detection_injections"
    }
    assert len(outcomes) == 16
    assert {each for each, value in outcomes.items() if value > 0} == {("error_surge", "detected")}
    assert (found["detection_recall_ratio", frozenset()], found["detection_false_alarms", frozenset()]) == (1, 0)
    delays = [found["detection_delay_seconds", frozenset({("quantile", each)})] for each in ("0.5", "0.95")]
    assert delays == [71, 71]


def scores(web: Web, pool: CursorPool) -> set[str]:
    """Return the names under which detection is shown, one minute after the start."""
    web.snapshot = Snapshot(stream_time=START + MINUTE, figures=read_figures(pool, START + MINUTE))
    return {name for name, _ in samples(web) if name.startswith("detection_")}


def test_while_nothing_is_decided_there_are_counts_but_no_recall(web: Web, sink: Sink, pool: CursorPool) -> None:
    apply(sink, injection())
    assert scores(web, pool) == {"detection_injections", "detection_false_alarms"}


def test_of_real_traffic_no_alarm_is_called_false(web: Web, sink: Sink, pool: CursorPool) -> None:
    apply(sink, anomaly())
    assert scores(web, pool) == set()


def test_the_newest_closed_window_is_shown(web: Web, sink: Sink, pool: CursorPool) -> None:
    found = filled(web, sink, pool)
    service = frozenset({("service", "checkout")})
    assert found["service_window_request_rate", service] == 8 / 60
    assert found["service_window_error_ratio", service] == 0.25
    assert ("service_window_latency_seconds", service | {("quantile", "0.95")}) in found


def test_losses_begin_at_zero_for_every_topic(web: Web, sink: Sink, pool: CursorPool) -> None:
    topics = [frozenset({("topic", topic)}) for topic in TOPICS]
    web.snapshot = Snapshot(figures=read_figures(pool, None))
    found = samples(web)
    assert [found["sink_records_lost_total", topic] for topic in topics] == [0] * len(TOPICS)
    sink.apply("A", messages([batch_end()]))
    sink.apply("A", messages([batch_end(1)], first_offset=5))
    web.snapshot = Snapshot(figures=read_figures(pool, None))
    found = samples(web)
    assert sum(found["sink_records_lost_total", topic] for topic in topics) == 4


def test_what_is_unknown_is_absent(web: Web) -> None:
    names = {name for name, _ in samples(web)}
    assert names == {"db_connections_active", "db_connections_max"}


def test_a_scrape_needs_no_cursor(web: Web, pool: CursorPool) -> None:
    with pool._cursor(), pool._cursor():
        found = samples(web)
    assert found["db_connections_active", frozenset()] == 2
