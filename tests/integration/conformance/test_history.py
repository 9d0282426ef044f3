"""What a topic holds is read completely, on every implementation of the topic log."""

from runtime.history import read_to_end
from runtime.topic_log import Publisher, RecordSource
from tests.integration.conformance.conftest import TopicLog


def test_an_empty_topic_has_no_history(source: RecordSource) -> None:
    assert list(read_to_end(source)) == []


def test_every_record_of_every_partition_is_read(log: TopicLog, publisher: Publisher, source: RecordSource) -> None:
    values = {f"{partition}-{number}".encode() for partition in (0, 2) for number in range(1_500)}
    for value in sorted(values):
        publisher.publish(log.topic, value, partition=int(value[:1]))
    publisher.flush(10)
    assert {message.value for message in read_to_end(source)} == values


def test_the_source_continues_after_the_history(log: TopicLog, publisher: Publisher, source: RecordSource) -> None:
    publisher.publish(log.topic, b"old", partition=1)
    publisher.flush(10)
    assert [message.value for message in read_to_end(source)] == [b"old"]
    publisher.publish(log.topic, b"new", partition=1)
    publisher.flush(10)
    later = [message.value for _ in range(20) for message in source.poll(0.2, 10)]
    assert later == [b"new"]
