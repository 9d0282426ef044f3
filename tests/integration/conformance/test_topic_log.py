"""What every implementation of the topic log promises."""

import time
from datetime import UTC

import pytest

import runtime.kafka
from runtime.topic_log import BrokerUnavailableError, Message, Publisher, RecordSource, TopicPartition
from tests.integration.conformance.conftest import TopicLog

Partitions = tuple[TopicPartition, ...]
FLUSH_SECONDS = 10.0


def published(publisher: Publisher, topic: str, partition: int, *values: bytes) -> None:
    for value in values:
        publisher.publish(topic, value, partition=partition)
    publisher.flush(FLUSH_SECONDS)


def read(source: RecordSource, count: int, max_messages: int = 100) -> list[Message]:
    """Poll until so many messages came; a real broker may answer empty at first."""
    messages: list[Message] = []
    for _ in range(50):
        messages += source.poll(0.2, max_messages)
        if len(messages) >= count:
            break
    return messages


def test_a_reader_knows_cluster_and_partitions(source: RecordSource, partitions: Partitions) -> None:
    assert source.cluster_id()
    assert source.partitions() == partitions


def test_a_topic_that_does_not_exist_is_unavailable(log: TopicLog, publisher: Publisher) -> None:
    with pytest.raises(BrokerUnavailableError):
        publisher.partition_count(f"{log.topic}_missing")


def test_a_publisher_counts_partitions(log: TopicLog, publisher: Publisher, partitions: Partitions) -> None:
    assert publisher.partition_count(log.topic) == len(partitions)


def test_without_positions_everything_is_read_in_order(
    log: TopicLog, publisher: Publisher, source: RecordSource, partitions: Partitions
) -> None:
    published(publisher, log.topic, 1, b"first", b"second")
    source.seek({})
    messages = read(source, 2)
    assert [(message.source, message.offset, message.value) for message in messages] == [
        (partitions[1], 0, b"first"),
        (partitions[1], 1, b"second"),
    ]


def test_reading_continues_at_the_positions(
    log: TopicLog, publisher: Publisher, source: RecordSource, partitions: Partitions
) -> None:
    published(publisher, log.topic, 0, b"a0", b"a1", b"a2")
    published(publisher, log.topic, 1, b"b0")
    source.seek({partitions[0]: 2, partitions[1]: 1})
    assert [message.value for message in read(source, 1)] == [b"a2"]
    published(publisher, log.topic, 1, b"b1")
    assert [message.value for message in read(source, 1)] == [b"b1"]


def test_seeking_again_reads_again(
    log: TopicLog, publisher: Publisher, source: RecordSource, partitions: Partitions
) -> None:
    published(publisher, log.topic, 0, b"a0", b"a1")
    source.seek({})
    read(source, 2)
    source.seek({partitions[0]: 1})
    assert [message.value for message in read(source, 1)] == [b"a1"]


def test_a_position_after_the_end_of_the_log_starts_at_the_earliest_record(
    log: TopicLog, publisher: Publisher, source: RecordSource, partitions: Partitions
) -> None:
    published(publisher, log.topic, 0, b"a0", b"a1")
    source.seek({partitions[0]: 1000})
    assert [message.value for message in read(source, 2)] == [b"a0", b"a1"]


def test_a_poll_returns_no_more_than_asked_for(log: TopicLog, publisher: Publisher, source: RecordSource) -> None:
    for partition in range(3):
        published(publisher, log.topic, partition, *(b"%d" % number for number in range(5)))
    source.seek({})
    polls = [source.poll(0.2, 4) for _ in range(30)]
    assert max(len(messages) for messages in polls) <= 4
    assert sum(len(messages) for messages in polls) == 15


def test_an_empty_topic_gives_an_empty_poll(source: RecordSource) -> None:
    source.seek({})
    assert source.poll(0.1, 10) == []


def test_key_and_time_come_with_the_record(log: TopicLog, publisher: Publisher, source: RecordSource) -> None:
    publisher.publish(log.topic, b"keyed", key="checkout")
    published(publisher, log.topic, 0, b"bare")
    source.seek({})
    by_value = {message.value: message for message in read(source, 2)}
    assert (by_value[b"keyed"].key, by_value[b"bare"].key) == (b"checkout", None)
    assert by_value[b"bare"].timestamp.tzinfo is UTC


def test_records_with_the_same_key_share_a_partition(log: TopicLog, publisher: Publisher, source: RecordSource) -> None:
    for number in range(5):
        publisher.publish(log.topic, b"%d" % number, key="checkout")
    publisher.flush(FLUSH_SECONDS)
    source.seek({})
    messages = read(source, 5)
    assert len({message.source for message in messages}) == 1
    assert [message.value for message in messages] == [b"0", b"1", b"2", b"3", b"4"]


def test_lag_is_what_is_left_to_read(
    log: TopicLog, publisher: Publisher, source: RecordSource, partitions: Partitions
) -> None:
    published(publisher, log.topic, 0, b"a0", b"a1", b"a2")
    source.seek({})
    assert source.lag().keys() == set(partitions)
    read(source, 1, max_messages=1)
    assert source.lag()[partitions[0]] == 2
    read(source, 2)
    assert source.lag()[partitions[0]] == 0


def test_lag_is_known_for_a_partition_at_its_end(
    log: TopicLog, publisher: Publisher, source: RecordSource, partitions: Partitions
) -> None:
    published(publisher, log.topic, 0, b"a0")
    source.seek({partitions[0]: 1})
    for _ in range(50):
        source.poll(0.2, 10)
        if all(records == 0 for records in source.lag().values()):
            break
    assert set(source.lag().values()) == {0}


def test_lag_is_not_known_while_the_broker_is_away_and_is_again_when_it_is_back(
    log: TopicLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime.kafka, "METADATA_MAX_AGE_MS", 1_000)
    source = log.source()
    source.seek({})
    polled_until(source, 0)
    with log.away():
        polled_until(source, None)
    polled_until(source, 0)
    source.close()


def polled_until(source: RecordSource, lag: int | None) -> None:
    """Poll until every partition has this lag."""
    deadline = time.monotonic() + 60
    while set(source.lag().values()) != {lag}:
        assert time.monotonic() < deadline
        assert source.poll(0.2, 10) == []


def test_lag_is_known_for_partitions_without_records(source: RecordSource) -> None:
    source.seek({})
    for _ in range(50):
        source.poll(0.2, 10)
        if None not in source.lag().values():
            break
    assert set(source.lag().values()) == {0}


def test_the_ends_are_the_offsets_of_the_next_records(
    log: TopicLog, publisher: Publisher, source: RecordSource, partitions: Partitions
) -> None:
    published(publisher, log.topic, 1, b"b0", b"b1")
    assert source.end_offsets() == {partitions[0]: 0, partitions[1]: 2, partitions[2]: 0}


def test_both_can_be_closed_twice(log: TopicLog) -> None:
    source, publisher = log.source(), log.publisher()
    for _ in range(2):
        source.close()
        publisher.close()
