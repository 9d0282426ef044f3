"""Publishing injections: in order, each until it is acknowledged, whatever the broker does."""

import time
from collections.abc import Callable

import pytest

from contracts.anomalies import AnomalyType
from contracts.injections import Injection
from contracts.topics import INJECTIONS
from generator.live.injection_log import InjectionLog
from runtime.memory import MemoryCluster, MemoryPublisher
from runtime.topic_log import BrokerUnavailableError, Publisher, PublishError
from tests.fast.generator.live.shop import START, fault


class Flaky(MemoryPublisher):
    """Fails to acknowledge as often as it was told."""

    failures = 0

    def flush(self, timeout_seconds: float) -> None:
        if Flaky.failures:
            Flaky.failures -= 1
            raise PublishError("not acknowledged")


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster([INJECTIONS])


def records(number: int) -> list[Injection]:
    faults = [fault("search", AnomalyType.ERROR_SURGE, minute, minute + 1, 0.3) for minute in range(number)]
    return [each.record(1, START) for each in faults]


def published(cluster: MemoryCluster) -> list[Injection]:
    return [Injection.decode(message.value) for message in cluster.records(cluster.partitions(INJECTIONS.name)[0])]


def filled(connect: Callable[[], Publisher], number: int) -> InjectionLog:
    log = InjectionLog(connect)
    for record in records(number):
        log.put(record)
    return log


def test_records_are_published_in_order_under_their_id(cluster: MemoryCluster) -> None:
    assert filled(lambda: MemoryPublisher(cluster), 3).publish_waiting()
    assert published(cluster) == records(3)
    (source,) = cluster.partitions(INJECTIONS.name)
    assert [message.key for message in cluster.records(source)] == [each.injection_id.encode() for each in records(3)]


def test_a_record_that_is_not_acknowledged_is_published_again(cluster: MemoryCluster) -> None:
    Flaky.failures = 1
    log = filled(lambda: Flaky(cluster), 2)
    assert not log.publish_waiting()
    assert "2 faults are not on the topic injections yet" in (log.problem or "")
    assert log.publish_waiting()
    assert log.problem is None
    assert published(cluster) == records(2) * 2
    assert log.publish_waiting()
    assert len(published(cluster)) == 4


def test_a_broker_that_comes_late_gets_everything(cluster: MemoryCluster) -> None:
    def connect() -> Publisher:
        if not cluster.available:
            raise BrokerUnavailableError("no broker")
        return MemoryPublisher(cluster)

    cluster.available = False
    log = filled(connect, 2)
    assert not log.publish_waiting()
    cluster.available = True
    assert log.publish_waiting()
    assert published(cluster) == records(2)


def test_the_thread_publishes_what_is_put_and_what_waits_at_the_end(cluster: MemoryCluster) -> None:
    log = InjectionLog(lambda: MemoryPublisher(cluster))
    log.start()
    first, *others = records(4)
    log.put(first)
    deadline = time.monotonic() + 5
    while not published(cluster) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert published(cluster) == [first]
    for record in others:
        log.put(record)
    log.close()
    assert published(cluster) == records(4)


def test_the_end_does_not_wait_for_a_broker_that_is_away() -> None:
    def connect() -> Publisher:
        raise BrokerUnavailableError("no broker")

    log = filled(connect, 1)
    log.start()
    begun = time.monotonic()
    log.close()
    assert time.monotonic() - begun < 3
