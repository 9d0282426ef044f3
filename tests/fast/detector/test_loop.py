"""The loop through every mishap of broker, disk and records."""

import logging
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.topics import AGGREGATED_METRICS
from detector.settings import DetectorSettings
from detector.snapshot import FILE_NAME, load
from runtime.memory import MemoryCluster
from runtime.topic_log import BrokerUnavailableError, PublishError
from tests.fast.detector.counting import MINUTE, START
from tests.fast.detector.detectors import (
    Detector,
    Killed,
    KillingPublisher,
    RefusingPublisher,
    UnevenSource,
    forget_snapshot,
    published,
)
from tests.fast.detector.streamed import PARTITIONS, Event, Streaming


def slow_minute(minute: int, service: str = "checkout") -> list[Event]:
    return [Event(START + minute * MINUTE, service, "/", 5.0, failed=False)] * 20


@pytest.fixture
def streaming(cluster: MemoryCluster) -> Streaming:
    return Streaming(cluster)


def test_what_is_found_is_published_with_the_time_of_sending(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector = Detector(cluster, settings).catch_up()
    (anomaly,) = published(cluster)
    assert anomaly.service == "checkout"
    assert START < anomaly.emitted_at <= detector.clock.time
    assert cluster.records(cluster.partitions("anomalies")[0])[0].key == anomaly.anomaly_id.encode()


def test_a_restart_goes_on_at_the_snapshot(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    Detector(cluster, settings).catch_up()
    streaming.batch(slow_minute(4))
    second = Detector(cluster, settings).catch_up()
    assert [each.revision for each in published(cluster)] == [1, 2]
    labels = {"topic": AGGREGATED_METRICS.name, "consumer": "detector", "outcome": "applied"}
    assert second.instruments.registry.get_sample_value("records_read_total", labels) == 1 + len(PARTITIONS)


def test_a_snapshot_is_written_when_windows_were_judged_and_not_on_every_poll(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector = Detector(cluster, settings).catch_up()
    saved_at = detector.state.snapshot_saved_at
    assert saved_at is not None
    streaming.batch(slow_minute(2))
    detector.catch_up()
    assert detector.state.snapshot_saved_at == saved_at
    streaming.batch(slow_minute(4))
    detector.catch_up()
    assert detector.state.snapshot_saved_at > saved_at


def test_what_cannot_be_published_is_kept_and_nothing_more_is_judged(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector = Detector(cluster, settings, connect=lambda: RefusingPublisher(cluster))
    with pytest.raises(PublishError):
        detector.loop.step()
    streaming.batch(slow_minute(4))
    for _ in range(3):
        with pytest.raises(PublishError):
            detector.loop.step()
    assert {each.revision for each in published(cluster)} == {1}
    assert not (settings.detector_state_dir / FILE_NAME).exists()
    detector.connect = None
    detector.catch_up()
    assert [each.revision for each in published(cluster)][-2:] == [1, 2]


def test_what_a_killed_process_had_decided_is_published_by_the_next(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches(slow_minute(0, "early") + slow_minute(10), [20])
    Detector(cluster, settings).catch_up()
    before = len(published(cluster))
    streaming.batches(slow_minute(10, "search") + slow_minute(12), [20])
    with pytest.raises(Killed):
        Detector(cluster, settings, connect=lambda: KillingPublisher(cluster, 1)).catch_up()
    assert [each.service for each in published(cluster)[before:]] == ["checkout"]
    Detector(cluster, settings).catch_up()
    assert [each.service for each in published(cluster)[before:]] == ["checkout", "checkout", "search"]


def test_a_broken_record_is_counted_and_passed_over(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    for source in PARTITIONS:
        cluster.append(source, None, b"{")
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector = Detector(cluster, settings).catch_up()
    labels = {"topic": AGGREGATED_METRICS.name, "consumer": "detector", "outcome": "malformed"}
    assert detector.instruments.registry.get_sample_value("records_read_total", labels) == len(PARTITIONS)
    assert len(published(cluster)) == 1


def test_a_broken_record_among_the_anomalies_does_not_stop_a_start(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.append(cluster.partitions("anomalies")[0], None, b"{")
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector = Detector(cluster, settings)
    detector.loop.step()
    labels = {"topic": "anomalies", "consumer": "detector", "outcome": "malformed"}
    assert detector.instruments.registry.get_sample_value("records_read_total", labels) == 1
    assert "was skipped" in caplog.text
    assert detector.state.lag_records == 0


def test_a_broker_that_is_away_is_waited_for(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    cluster.available = False
    detector = Detector(cluster, settings)
    with pytest.raises(BrokerUnavailableError):
        detector.loop.step()
    cluster.available = True
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector.catch_up()
    assert len(published(cluster)) == 1


def run_until(detector: Detector, reason: str | None) -> None:
    """Run the loop in a thread until ``/health`` would give this reason."""
    stop = threading.Event()
    thread = threading.Thread(target=detector.loop.run, args=(stop,))
    thread.start()
    for _ in range(500):
        shown = detector.state.reason_unhealthy
        if shown == reason or (reason is not None and shown is not None and reason in shown):
            break
        thread.join(0.01)
    stop.set()
    thread.join()
    assert shown == reason or (reason is not None and shown is not None and reason in shown)


def test_health_says_that_kafka_is_waited_for(
    cluster: MemoryCluster, settings: DetectorSettings, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.available = False
    detector = Detector(cluster, settings)
    run_until(detector, "waiting for Kafka: the memory cluster is switched off")
    assert "KAFKA_BROKER" in caplog.text
    cluster.available = True
    run_until(detector, None)


def test_health_says_that_nothing_can_be_published(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector = Detector(cluster, settings, connect=lambda: RefusingPublisher(cluster))
    run_until(detector, "anomalies cannot be published")
    detector.connect = None
    run_until(detector, None)


def test_health_says_how_much_is_to_be_read_again_without_a_snapshot(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches([event for minute in range(40) for event in slow_minute(minute)], [20])
    detector = Detector(cluster, settings, UnevenSource(cluster, 1))
    detector.loop.step()
    assert "warming up" in (detector.state.reason_unhealthy or "")
    detector.catch_up()
    assert detector.state.reason_unhealthy is None
    streaming.batch(slow_minute(41))
    again = Detector(cluster, settings, UnevenSource(cluster, 1))
    again.loop.step()
    assert again.state.reason_unhealthy is None, "with a snapshot there is nothing to read again"


def test_a_quiet_broker_is_asked_whether_it_is_there(cluster: MemoryCluster, settings: DetectorSettings) -> None:
    detector = Detector(cluster, settings).catch_up()
    cluster.available = False
    detector.loop.step()
    detector.clock.time += timedelta(minutes=1)
    with pytest.raises(BrokerUnavailableError):
        detector.loop.step()


def test_another_cluster_is_read_from_its_beginning_and_what_is_known_stays(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings, caplog: pytest.LogCaptureFixture
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector = Detector(cluster, settings).catch_up()
    first = published(cluster)
    cluster.wipe("second")
    Streaming(cluster).batches(slow_minute(3) + slow_minute(5), [20])
    detector.loop.step()
    detector.catch_up()
    (extended, *_) = published(cluster)
    assert (extended.anomaly_id, extended.revision) == (first[0].anomaly_id, first[0].revision + 1)
    assert "another one than before" in caplog.text


def test_a_snapshot_of_another_cluster_keeps_what_is_known_and_reads_from_the_beginning(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    Detector(cluster, settings).catch_up()
    first = published(cluster)
    cluster.wipe("second")
    Streaming(cluster).batches(slow_minute(0) + slow_minute(3) + slow_minute(5), [20])
    Detector(cluster, settings).catch_up()
    (extended, *_) = published(cluster)
    assert (extended.anomaly_id, extended.revision) == (first[0].anomaly_id, 2)
    snapshot = load(settings.detector_state_dir)
    assert snapshot is not None
    assert snapshot.cluster_id == "second"


def test_a_cluster_that_changes_during_the_silence_is_started_on_afresh(
    cluster: MemoryCluster, streaming: Streaming, settings: DetectorSettings
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2) + slow_minute(4), [20])
    Detector(cluster, settings).catch_up()
    forget_snapshot(settings)
    detector = Detector(cluster, settings, UnevenSource(cluster, 1))
    detector.loop.step()
    cluster.wipe("second")
    Streaming(cluster).batches(slow_minute(0) + slow_minute(2), [20])
    detector.loop.step()
    detector.catch_up()
    assert [each.revision for each in published(cluster)] == [1]


def test_a_disk_that_is_full_stops_nothing(
    cluster: MemoryCluster, streaming: Streaming, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    streaming.batches(slow_minute(0) + slow_minute(2), [20])
    detector = Detector(cluster, DetectorSettings(detector_state_dir=tmp_path / "missing"))
    with caplog.at_level(logging.WARNING):
        detector.catch_up()
    assert "the snapshot cannot be written" in caplog.text
    assert detector.state.snapshot_saved_at is None
    assert len(published(cluster)) == 1
    (tmp_path / "missing").mkdir()
    detector.loop.step()
    assert detector.state.snapshot_saved_at is not None


def test_stop_ends_the_loop(cluster: MemoryCluster, settings: DetectorSettings) -> None:
    stop = threading.Event()
    stop.set()
    detector = Detector(cluster, settings)
    detector.loop.run(stop)
    assert detector.state.lag_records is None
