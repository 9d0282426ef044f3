"""Publishing to raw_events: spread evenly, in order, and with a clear word when there is no broker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import RAW_EVENTS
from generator.kafka_raw_events import KafkaRawEvents
from generator.raw_events import MemoryRawEvents
from runtime.memory import MemoryCluster
from runtime.topic_log import BrokerUnavailableError


@given(st.lists(st.integers(0, 9), max_size=20))
def test_values_are_spread_evenly_however_they_are_portioned(sizes: list[int]) -> None:
    cluster = MemoryCluster([RAW_EVENTS])
    raw_events = MemoryRawEvents(cluster)
    values = iter(range(sum(sizes)))
    for size in sizes:
        raw_events.send([b"%d" % next(values) for _ in range(size)])
    logs = [[message.value for message in cluster.records(source)] for source in cluster.partitions(RAW_EVENTS.name)]
    for partition, log in enumerate(logs):
        assert log == [b"%d" % value for value in range(partition, sum(sizes), RAW_EVENTS.partitions)]


def test_a_broker_that_is_not_there_is_named() -> None:
    with pytest.raises(BrokerUnavailableError, match=r"no broker answers at 127\.0\.0\.1:1"):
        KafkaRawEvents("127.0.0.1:1", connect_timeout_seconds=0.2)
