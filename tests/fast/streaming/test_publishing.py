"""What a batch publishes, in which order and where."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.event import Reason
from contracts.records import BatchEnd, decode_aggregated_metric
from contracts.topics import AGGREGATED_METRICS, ALL_TOPICS, DEAD_LETTERS
from runtime.memory import MemoryCluster, MemoryPublisher
from runtime.topic_log import TopicPartition
from streaming.accounting import Books
from streaming.letters import RejectedMessage, dead_letter
from streaming.publishing import batch_end, publish_batch_end, publish_letters

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REJECTED = {Reason.INVALID_JSON: 2, Reason.FUTURE: 1}
BOOKS = Books("run", 4, {0: (5, 10), 1: (0, 6)}, 10, 5, 1, 1, REJECTED, None, NOW, NOW)


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster(ALL_TOPICS)


def test_the_books_of_a_batch_go_into_its_end() -> None:
    end = batch_end(BOOKS, 0.5, NOW)
    assert (end.invalid, end.future, end.lost, end.unaccounted) == ({"invalid_json": 2}, 1, 1, 0)


def test_books_that_do_not_balance_show_it() -> None:
    assert batch_end(replace(BOOKS, received=11), 0.5, NOW).unaccounted == 1


def test_every_partition_gets_the_batch_end(cluster: MemoryCluster) -> None:
    end = batch_end(BOOKS, 0.5, NOW)
    publish_batch_end(MemoryPublisher(cluster), end)
    for source in cluster.partitions(AGGREGATED_METRICS.name):
        (message,) = cluster.records(source)
        assert decode_aggregated_metric(message.value) == end
    assert BatchEnd.decode(message.value).batch_id == 4


def test_a_dead_letter_lies_under_its_position(cluster: MemoryCluster) -> None:
    letter = dead_letter(RejectedMessage("raw_events", 2, 7, NOW, "empty", b"", 0, "00"))
    assert publish_letters(MemoryPublisher(cluster), [letter]) == 1
    (message,) = cluster.records(TopicPartition(DEAD_LETTERS.name, 0))
    assert message.key == b"raw_events-2-7"
