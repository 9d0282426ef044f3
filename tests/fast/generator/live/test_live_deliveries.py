"""The ways to the topic, in memory and through the real client to a mock of a broker, keep the same promises."""

import socket
import time
from collections.abc import Iterator
from typing import Protocol

import pytest
from confluent_kafka import Producer

from contracts.event import Reason
from contracts.topics import RAW_EVENTS
from generator.account import Kind, Message
from generator.live.delivery import Delivery, MemoryDelivery
from generator.live.instruments import Instruments
from generator.live.kafka_delivery import RENEW_SECONDS, KafkaDelivery
from generator.live.raw_events_source import RawEventsSource
from runtime.memory import MemoryCluster
from runtime.topic_log import BrokerUnavailableError

GIVE_UP_SECONDS = 1.0
KINDS: list[Kind | Reason] = [Kind.GOOD, Kind.GOOD, Kind.DUPLICATE, Reason.EMPTY]


def messages(number: int) -> list[Message]:
    return [
        Message(0, None if KINDS[each % 4] is Reason.EMPTY else b"%d" % each, KINDS[each % 4])
        for each in range(number)
    ]  # fmt: skip


class MockBroker:
    """librdkafka's own mock of a cluster: real connections, no JVM."""

    def __init__(self) -> None:
        # Each topic comes into being, with four partitions, when it is asked for.
        settings = {"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0}
        self._owner: Producer | None = Producer(settings)
        (broker,) = self._owner.list_topics(RAW_EVENTS.name, timeout=5).brokers.values()
        self.address = f"{broker.host}:{broker.port}"
        self._port = socket.socket()

    def stop(self) -> None:
        """Go away; the port stays taken, so that nobody else answers there."""
        self._owner = None
        host, _, port = self.address.partition(":")
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._port.bind((host, int(port)))

    def close(self) -> None:
        self._port.close()


class Road(Protocol):
    """One implementation and what is behind it."""

    instruments: Instruments
    delivery: Delivery

    def arrived(self) -> list[list[bytes | None]]:
        """The values by partition."""
        ...

    def break_down(self) -> None:
        """Take the broker away."""
        ...


class MemoryRoad:
    def __init__(self) -> None:
        self.instruments = Instruments(10, list)
        self._cluster = MemoryCluster([RAW_EVENTS])
        self.delivery: Delivery = MemoryDelivery(self._cluster, self.instruments)

    def arrived(self) -> list[list[bytes | None]]:
        sources = self._cluster.partitions(RAW_EVENTS.name)
        return [[message.value for message in self._cluster.records(source)] for source in sources]

    def break_down(self) -> None:
        self._cluster.available = False


class KafkaRoad:
    def __init__(self, broker: MockBroker) -> None:
        self.instruments = Instruments(10, list)
        self._broker = broker
        self.delivery: Delivery = KafkaDelivery(self._broker.address, self.instruments)

    def arrived(self) -> list[list[bytes | None]]:
        source = RawEventsSource(self._broker.address)
        source.seek({})
        by_partition: list[list[bytes | None]] = [[], [], [], []]
        while any(source.lag().values()):
            for message in source.poll(0.1, 1_000):
                by_partition[message.source.partition].append(message.value)
        source.close()
        return by_partition

    def break_down(self) -> None:
        self._broker.stop()


@pytest.fixture
def broker() -> Iterator[MockBroker]:
    broker = MockBroker()
    yield broker
    broker.close()


@pytest.fixture(params=["memory", "kafka"])
def road(request: pytest.FixtureRequest) -> Iterator[Road]:
    road: Road = MemoryRoad() if request.param == "memory" else KafkaRoad(request.getfixturevalue("broker"))
    yield road
    road.delivery.close()


def counted(instruments: Instruments) -> dict[str, float]:
    kinds = ("good", "duplicate", "broken")
    value = instruments.registry.get_sample_value
    found = {kind: value("generator_messages_sent_total", {"kind": kind}) or 0 for kind in kinds}
    return found | {"failed": value("generator_messages_failed_total") or 0}


def test_messages_arrive_and_are_counted_by_kind_when_they_are_acknowledged(road: Road) -> None:
    road.delivery.send(messages(40))
    assert road.delivery.settle(10)
    assert counted(road.instruments) == {"good": 20, "duplicate": 10, "broken": 10, "failed": 0}
    assert road.delivery.problem() is None


def test_messages_are_spread_evenly_and_in_order_however_they_are_portioned(road: Road) -> None:
    sent = messages(42)
    for begin, end in ((0, 1), (1, 1), (1, 11), (11, 42)):
        road.delivery.send(sent[begin:end])
    assert road.delivery.settle(10)
    values = [message.value for message in sent]
    assert road.arrived() == [values[partition::4] for partition in range(4)]


def test_at_the_close_what_is_not_acknowledged_has_failed(road: Road) -> None:
    road.delivery.send(messages(8))
    assert road.delivery.settle(10)
    road.break_down()
    road.delivery.send(messages(12))
    assert not road.delivery.settle(0)
    road.delivery.close()
    assert counted(road.instruments)["failed"] == 12
    assert sum(counted(road.instruments).values()) == 20
    road.delivery.close()
    assert counted(road.instruments)["failed"] == 12


def test_messages_that_the_queue_does_not_take_have_failed_at_once(broker: MockBroker) -> None:
    instruments = Instruments(10, list)
    delivery = KafkaDelivery(broker.address, instruments, queue_messages=20)
    delivery.send(messages(100))
    assert delivery.settle(10)
    found = counted(instruments)
    assert found["failed"] >= 60
    assert sum(found.values()) == 100
    delivery.close()


class Seconds:
    """A clock that can be pushed on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


def test_a_broker_that_does_not_acknowledge_is_a_problem_and_messages_fail_when_their_time_is_over(
    broker: MockBroker, caplog: pytest.LogCaptureFixture
) -> None:
    instruments, clock = Instruments(10, list), Seconds()
    delivery = KafkaDelivery(broker.address, instruments, timeout_seconds=GIVE_UP_SECONDS, clock=clock)
    broker.stop()
    delivery.send(messages(10))
    assert delivery.problem() is None
    clock.ahead += 6
    assert "acknowledged nothing for 6 s" in (delivery.problem() or "")
    clock.ahead += RENEW_SECONDS
    delivery.send(messages(10))
    assert delivery.settle(60)
    assert counted(instruments) == {"good": 0, "duplicate": 0, "broken": 0, "failed": 20}
    assert delivery.problem() is not None
    said = [record for record in caplog.records if record.getMessage().startswith("messages were not delivered")]
    assert len(said) == 1
    delivery.close()


def test_after_a_silence_a_new_producer_goes_on_and_loses_nothing_of_the_one_before(broker: MockBroker) -> None:
    instruments, clock = Instruments(10, list), Seconds()
    delivery = KafkaDelivery(broker.address, instruments, clock=clock)
    delivery.send(messages(8))
    clock.ahead += RENEW_SECONDS + 1
    delivery.send(messages(8))
    assert delivery.settle(10)
    assert counted(instruments) == {"good": 8, "duplicate": 4, "broken": 4, "failed": 0}
    delivery.close()


def test_a_broker_that_is_not_there_is_named() -> None:
    with pytest.raises(BrokerUnavailableError, match=r"no broker answers at 127\.0\.0\.1:1$"):
        KafkaDelivery("127.0.0.1:1", Instruments(10, list))
    with pytest.raises(BrokerUnavailableError, match=r"no broker answers at 127\.0\.0\.1:1$"):
        RawEventsSource("127.0.0.1:1").end_offsets()
