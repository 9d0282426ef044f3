"""The loop reads on where the store ends, through every mishap of the broker."""

import logging
import threading
from datetime import timedelta

import pytest

from contracts.topics import AGGREGATED_METRICS, ANOMALIES, DEAD_LETTERS, INJECTIONS
from exporters.sink_loop import SinkFailedError, SinkLoop
from exporters.store.database import Database
from exporters.store.decode import TOPICS
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from runtime.memory import MemoryCluster, MemorySource
from runtime.topic_log import BrokerUnavailableError
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.incidents import FOUND, INJECTED, anomaly, injection
from tests.fast.exporters.traffic import LETTERS, START, batch_end, dead_letter, publish, update

RUNNING = threading.Event()
STOPPED = threading.Event()
STOPPED.set()


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster((AGGREGATED_METRICS, DEAD_LETTERS), "first")


def started(cluster: MemoryCluster, sink: Sink, pool: CursorPool) -> SinkLoop:
    source = MemorySource(cluster, TOPICS)
    return SinkLoop(source, sink, pool, lambda: START, poll_seconds=0.1, max_messages=100, max_attempts=2)


@pytest.fixture
def loop(cluster: MemoryCluster, sink: Sink, pool: CursorPool) -> SinkLoop:
    return started(cluster, sink, pool)


def test_a_step_brings_the_topics_into_store_and_snapshot(cluster: MemoryCluster, loop: SinkLoop, rows: Rows) -> None:
    publish(cluster, [update()], batch_end())
    loop.step(RUNNING)
    assert rows("SELECT request_count FROM service_metrics") == [{"request_count": 10}]
    assert loop.snapshot.caught_up_at == START
    assert loop.snapshot.stream_time == START + timedelta(minutes=1)
    assert loop.snapshot.lag == {"aggregated_metrics": 0, "dead_letters": 0}
    assert loop.snapshot.figures.newest_batch_at == START


def test_the_score_follows_faults_and_anomalies_within_a_minute(sink: Sink, pool: CursorPool) -> None:
    cluster = MemoryCluster((AGGREGATED_METRICS, ANOMALIES, INJECTIONS), "first")
    loop, counts = started(cluster, sink, pool), []
    publish(cluster, [], batch_end())
    for source, record in ((INJECTED, injection()), (FOUND, anomaly())):
        cluster.append(source, None, record.encode())
        loop.step(RUNNING)
        detection = loop.snapshot.figures.detection
        counts.append(detection.score.outcomes if detection is not None and detection.score is not None else {})
    assert counts == [{("error_surge", "running"): 1}, {("error_surge", "detected"): 1}]


def test_what_changes_no_score_reads_none_within_a_minute(cluster: MemoryCluster, loop: SinkLoop) -> None:
    publish(cluster, [update()], batch_end())
    loop.step(RUNNING)
    known = loop.snapshot.figures.detection
    publish(cluster, [update(batch_id=1)])
    loop.step(RUNNING)
    assert known is not None
    assert loop.snapshot.figures.detection is known


def test_lag_is_what_is_left(cluster: MemoryCluster, loop: SinkLoop) -> None:
    publish(cluster, [update(minute=minute) for minute in range(150)])
    loop.step(RUNNING)
    assert loop.snapshot.lag["aggregated_metrics"] == 50
    assert loop.snapshot.caught_up_at is None


def test_a_broker_that_goes_away_leaves_the_sink_as_old_as_its_last_answer(
    cluster: MemoryCluster, sink: Sink, pool: CursorPool
) -> None:
    now = START
    source = MemorySource(cluster, TOPICS)
    loop = SinkLoop(source, sink, pool, lambda: now, poll_seconds=0.1, max_messages=100, max_attempts=2)
    publish(cluster, [update()])
    loop.step(RUNNING)
    assert loop.snapshot.freshness_seconds(now) == 0
    cluster.available = False
    for _ in range(3):
        now += timedelta(minutes=10)
        loop.step(RUNNING)
    assert loop.snapshot.freshness_seconds(now) == 1800
    assert loop.snapshot.lag == {}
    cluster.available = True
    loop.step(RUNNING)
    assert loop.snapshot.freshness_seconds(now) == 0


def test_a_partition_that_was_read_to_its_end_makes_nothing_older_when_the_broker_goes_away(
    cluster: MemoryCluster, sink: Sink, pool: CursorPool
) -> None:
    publish(cluster, [update()])
    for offset in range(9):
        cluster.append(LETTERS, None, dead_letter(offset).encode())
    *_, fifth, _, _, _, now = (record.timestamp for record in cluster.records(LETTERS))
    source = MemorySource(cluster, TOPICS)
    loop = SinkLoop(source, sink, pool, lambda: now, poll_seconds=0.1, max_messages=6, max_attempts=2)
    for cluster.available in (True, False):
        loop.step(RUNNING)
        assert loop.snapshot.freshness_seconds(now) == (now - fifth).total_seconds()


def test_another_loop_continues_at_the_stored_offsets(
    cluster: MemoryCluster, loop: SinkLoop, sink: Sink, pool: CursorPool, rows: Rows
) -> None:
    publish(cluster, [update(minute=0)])
    loop.step(RUNNING)
    publish(cluster, [update(minute=1)])
    started(cluster, sink, pool).step(RUNNING)
    assert rows("SELECT value FROM counters WHERE name = 'sink_records_total'") == [{"value": 2}]


def test_a_broker_that_is_away_is_waited_for(cluster: MemoryCluster, loop: SinkLoop, rows: Rows) -> None:
    cluster.available = False
    with pytest.raises(BrokerUnavailableError):
        loop.step(RUNNING)
    cluster.available = True
    publish(cluster, [update()])
    loop.step(RUNNING)
    assert len(rows("FROM service_metrics")) == 1


def test_run_survives_a_broker_that_is_away_and_says_what_to_do(
    cluster: MemoryCluster, loop: SinkLoop, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.available = False
    stop = threading.Event()
    thread = threading.Thread(target=loop.run, args=(stop,))
    with caplog.at_level(logging.WARNING):
        thread.start()
        while "KAFKA_BROKER" not in caplog.text and thread.is_alive():
            thread.join(0.01)
        stop.set()
        thread.join()
    assert "KAFKA_BROKER" in caplog.text


def test_a_wiped_broker_is_read_from_its_beginning_and_adds_up(
    cluster: MemoryCluster, loop: SinkLoop, rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    publish(cluster, [update()], batch_end())
    loop.step(RUNNING)
    cluster.wipe("second")
    publish(cluster, [update()], batch_end(run_id="second"))
    loop.step(RUNNING)
    assert "another one than before" in caplog.text
    loop.step(RUNNING)
    assert rows("SELECT request_count FROM service_metrics") == [{"request_count": 20}]
    assert rows("SELECT DISTINCT cluster_id FROM consumed_offsets ORDER BY ALL") == [
        {"cluster_id": "first"}, {"cluster_id": "second"},
    ]  # fmt: skip


def test_a_database_that_fails_ends_the_loop_and_skips_nothing(
    cluster: MemoryCluster, database: Database, sink: Sink, pool: CursorPool, rows: Rows
) -> None:
    loop = started(cluster, sink, pool)
    loop.step(RUNNING)
    publish(cluster, [update()])
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE counters RENAME TO hidden")
        with pytest.raises(SinkFailedError, match="none of them was skipped"):
            loop.step(STOPPED)
        cursor.execute("ALTER TABLE hidden RENAME TO counters")
    assert rows("FROM service_metrics") == []
    started(cluster, sink, pool).step(RUNNING)
    assert rows("SELECT request_count FROM service_metrics") == [{"request_count": 10}]


def test_stop_ends_the_loop(loop: SinkLoop) -> None:
    loop.run(STOPPED)
    assert loop.snapshot.polled_at is None
