"""The live service from its start to its stop, on a broker's memory."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from contracts.anomalies import AnomalyType
from contracts.event import Event
from contracts.injections import Injection
from contracts.topics import INJECTIONS, RAW_EVENTS
from generator.account import Kind, Message
from generator.live.delivery import Delivery, MemoryDelivery
from generator.live.instruments import Instruments
from generator.live.service import Connections, LiveService
from generator.settings import GeneratorSettings
from runtime.memory import MemoryCluster, MemoryPublisher, MemorySource
from runtime.topic_log import BrokerUnavailableError
from tests.fast.generator.live.shop import events

BROKER_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """A broker, a clock that runs as fast as the real one, and a folder for the service's state."""

    def __init__(self, folder: Path) -> None:
        self.cluster = MemoryCluster([RAW_EVENTS, INJECTIONS])
        self.folder = folder
        self._offset = BROKER_BEGAN - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def pass_time(self, span: timedelta) -> None:
        self._offset += span

    def service(self, stop: threading.Event, **settings: object) -> LiveService:
        chosen = {"generator_rate": 20, "generator_anomaly_probability": 0.5, "generator_state_dir": self.folder}
        connections = Connections(
            delivery=self._delivery,
            raw_events=lambda: MemorySource(self.cluster, [RAW_EVENTS.name]),
            publisher=lambda: MemoryPublisher(self.cluster),
        )
        return LiveService(GeneratorSettings.model_validate(chosen | settings), connections, self.now, stop)

    def events(self) -> list[Event]:
        sources = self.cluster.partitions(RAW_EVENTS.name)
        values = [each.value for source in sources for each in self.cluster.records(source)]
        return events(Message(0, value, Kind.GOOD) for value in values)

    def injections(self) -> list[Injection]:
        (source,) = self.cluster.partitions(INJECTIONS.name)
        return [Injection.decode(message.value) for message in self.cluster.records(source)]

    def _delivery(self, instruments: Instruments) -> Delivery:
        if not self.cluster.available:
            raise BrokerUnavailableError("the memory cluster is switched off")
        return MemoryDelivery(self.cluster, instruments)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@contextmanager
def running(world: World, backfill: timedelta | None, **settings: object) -> Iterator[LiveService]:
    """The service in a thread; at the end it is stopped, and it has to end soon."""
    stop = threading.Event()
    service = world.service(stop, **settings)
    thread = threading.Thread(target=service.run, args=(backfill,))
    thread.start()
    try:
        yield service
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_history_is_filled_and_live_traffic_follows_without_a_gap(world: World) -> None:
    with running(world, timedelta(minutes=10)) as service:
        eventually(lambda: service.health() is None)
        live_since = world.now()
        eventually(lambda: any(event.event_time > live_since for event in world.events()))
    times = sorted(event.event_time for event in world.events())
    assert times[0] - BROKER_BEGAN == pytest.approx(timedelta(minutes=-10), abs=timedelta(seconds=5))
    assert max(after - before for before, after in pairwise(times)) < timedelta(seconds=10)
    assert max(times) <= world.now()


def test_a_second_start_fills_only_the_gap(world: World) -> None:
    with running(world, timedelta(minutes=10)) as service:
        eventually(lambda: service.health() is None)
    first = set(world.events())
    world.pass_time(timedelta(minutes=3))
    with running(world, timedelta(minutes=10)) as service:
        eventually(lambda: service.health() is None)
    second = {event.event_time for event in set(world.events()) - first}
    newest = max(event.event_time for event in first)
    assert newest < min(second) < newest + timedelta(seconds=10)
    assert max(second) - min(second) > timedelta(minutes=2.5)


def test_without_backfill_traffic_begins_in_the_present(world: World) -> None:
    with running(world, None):
        eventually(lambda: len(world.events()) > 3)
    assert min(event.event_time for event in world.events()) >= BROKER_BEGAN


def test_every_fault_is_on_the_topic_and_ends_with_the_service(world: World) -> None:
    with running(world, timedelta(minutes=10)) as service:
        eventually(lambda: service.health() is None)
        asked = service.injections.request("search", AnomalyType.LATENCY_SPIKE, 600_000)
    newest = {each.injection_id: each for each in sorted(world.injections(), key=lambda each: each.revision)}
    assert {each.origin for each in newest.values()} == {"history", "request"}
    assert newest[asked.injection_id].revision == 2
    assert all(each.ended_at <= world.now() for each in newest.values())


def test_nothing_that_was_made_is_lost_at_a_stop(world: World) -> None:
    calm = {"generator_anomaly_probability": 0, "generator_disorder_share": 1, "generator_duplicate_share": 0}
    with running(world, timedelta(minutes=3), **calm) as service:
        eventually(lambda: service.health() is None)
        eventually(lambda: world.now() > BROKER_BEGAN + timedelta(seconds=1.5))
    numbers: dict[str, list[int]] = {}
    for event in world.events():
        minute, _, number = (event.event_id or "").rpartition("-")
        numbers.setdefault(minute, []).append(int(number))
    assert len(numbers) == 3 * 4
    assert all(sorted(found) == list(range(min(found), min(found) + len(found))) for found in numbers.values())


def test_while_there_is_no_broker_it_waits_and_says_so(world: World) -> None:
    world.cluster.available = False
    with running(world, None) as service:
        eventually(lambda: "switched off" in (service.health() or ""))
        world.cluster.available = True
        eventually(lambda: service.health() is None)
        eventually(lambda: bool(world.events()))


def test_a_stop_while_it_waits_for_the_broker_ends_it(world: World) -> None:
    world.cluster.available = False
    with running(world, timedelta(hours=2)) as service:
        eventually(lambda: "waiting for Kafka" in (service.health() or ""))
    assert world.events() == []


def test_counters_of_a_stopped_service_are_complete_and_go_on(world: World) -> None:
    for _ in range(2):
        with running(world, timedelta(minutes=1), generator_duplicate_share=0) as service:
            eventually(lambda: service.health() is None)
    shown = generate_latest(world.service(threading.Event()).registry).decode()
    assert f'generator_messages_sent_total{{kind="good"}} {float(len(world.events()))}' in shown
    assert "generator_messages_failed_total 0.0" in shown


def test_the_same_seed_makes_the_same_history_and_none_a_new_one(tmp_path: Path) -> None:
    histories = []
    for seed in (7, 7, None, None):
        world = World(tmp_path)
        with running(world, timedelta(minutes=5), generator_seed=seed) as service:
            eventually(lambda: service.health() is None)
        begin, end = BROKER_BEGAN - timedelta(minutes=4), BROKER_BEGAN - timedelta(minutes=1)
        histories.append(frozenset(event for event in world.events() if begin < event.event_time < end))
    assert histories[0] == histories[1]
    assert len(set(histories)) == 3
