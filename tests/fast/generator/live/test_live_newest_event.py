"""How far the events on the topic reach."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.times import to_epoch_ms
from contracts.topics import RAW_EVENTS
from generator.encoding import encode_event
from generator.live.newest_event import LAST_RECORDS, newest_event_time
from generator.row import Row
from runtime.memory import MemoryCluster, MemorySource
from runtime.topic_log import BrokerUnavailableError, Message

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""When the memory cluster's broker begins to keep records."""


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster([RAW_EVENTS])


def event(seconds: float) -> bytes:
    """An event so many seconds after now."""
    return encode_event(Row("e", to_epoch_ms(NOW) + round(seconds * 1000), "search", "/a", 1.0, 200, None))


def append(cluster: MemoryCluster, partition: int, *values: bytes | None) -> None:
    for value in values:
        cluster.append(cluster.partitions(RAW_EVENTS.name)[partition], None, value)


def newest_seconds(cluster: MemoryCluster) -> float | None:
    found = newest_event_time(MemorySource(cluster, [RAW_EVENTS.name]), NOW)
    return None if found is None else (found - NOW).total_seconds()


def test_an_empty_topic_has_none(cluster: MemoryCluster) -> None:
    assert newest_seconds(cluster) is None


def test_the_newest_is_found_in_whatever_partition_and_order(cluster: MemoryCluster) -> None:
    append(cluster, 0, event(-50), event(-40))
    append(cluster, 2, event(-20), event(-7.5), event(-30))
    assert newest_seconds(cluster) == -7.5


def test_events_of_the_future_are_passed_over(cluster: MemoryCluster) -> None:
    append(cluster, 1, event(-20), event(0.001), event(86_400))
    assert newest_seconds(cluster) == -20


def test_what_is_no_event_is_passed_over(cluster: MemoryCluster) -> None:
    append(cluster, 1, event(-20), None, b"", b"{", b"\xff", b'{"event_time": "now"}')
    append(cluster, 3, b"[]")
    assert newest_seconds(cluster) == -20


def test_a_topic_without_events_has_none(cluster: MemoryCluster) -> None:
    append(cluster, 1, None, b"{")
    assert newest_seconds(cluster) is None


def test_only_the_end_of_a_long_topic_is_read(cluster: MemoryCluster) -> None:
    read: list[Message] = []

    class Watched(MemorySource):
        def poll(self, timeout_seconds: float, max_messages: int) -> list[Message]:
            messages = super().poll(timeout_seconds, max_messages)
            read.extend(messages)
            return messages

    append(cluster, 0, *(event(-5_000 + second) for second in range(4_000)))
    assert newest_event_time(Watched(cluster, [RAW_EVENTS.name]), NOW) == NOW - timedelta(seconds=1_001)
    assert len(read) == LAST_RECORDS


def test_a_broker_that_goes_away_meanwhile_is_said(cluster: MemoryCluster) -> None:
    append(cluster, 0, event(-1))
    ticks = iter(range(0, 1_000, 10))

    class Leaving(MemorySource):
        def poll(self, timeout_seconds: float, max_messages: int) -> list[Message]:
            cluster.available = False
            return super().poll(timeout_seconds, max_messages)

    with pytest.raises(BrokerUnavailableError, match="was not reached"):
        newest_event_time(Leaving(cluster, [RAW_EVENTS.name]), NOW, lambda: float(next(ticks)))


@given(st.lists(st.lists(st.floats(-1_000, 1_000).map(lambda seconds: round(seconds, 3)), max_size=9), max_size=4))
def test_it_is_the_greatest_up_to_now(partitions: list[list[float]]) -> None:
    cluster = MemoryCluster([RAW_EVENTS])
    for partition, seconds in enumerate(partitions):
        append(cluster, partition, *map(event, seconds))
    known = [second for seconds in partitions for second in seconds if second <= 0]
    assert newest_seconds(cluster) == max(known, default=None)
