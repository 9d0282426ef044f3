"""What the in-memory cluster can do that a test cannot ask of a real one."""

import pytest

from contracts.topics import DEAD_LETTERS
from runtime.memory import MemoryCluster, MemoryPublisher, MemorySource
from runtime.topic_log import BrokerUnavailableError, ClusterChangedError


def test_a_wiped_cluster_is_noticed_until_the_reader_seeks_again() -> None:
    cluster = MemoryCluster([DEAD_LETTERS], "first")
    source = MemorySource(cluster, [DEAD_LETTERS.name])
    source.seek({})
    cluster.wipe("second")
    for _ in range(2):
        with pytest.raises(ClusterChangedError, match="second instead of first"):
            source.poll(0, 1)
    MemoryPublisher(cluster).publish(DEAD_LETTERS.name, b"new")
    source.seek({})
    assert [message.value for message in source.poll(0, 1)] == [b"new"]


def test_a_cluster_that_is_away_is_silent_to_polls_and_unavailable_to_questions() -> None:
    cluster = MemoryCluster([DEAD_LETTERS])
    source = MemorySource(cluster, [DEAD_LETTERS.name])
    source.seek({})
    cluster.available = False
    assert source.poll(0, 1) == []
    assert set(source.lag().values()) == {None}
    with pytest.raises(BrokerUnavailableError):
        source.cluster_id()
