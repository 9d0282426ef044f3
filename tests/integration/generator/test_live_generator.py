"""``python -m generator`` with a real broker: history, faults on demand, stops, and brokers that come and go."""

import shutil
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from contracts.event import Event
from contracts.times import utc_now
from local.broker import Broker
from local.topics import ensure_topics
from tests.integration.generator.live_generator import events, eventually, injections, live_generator

CALM = {"GENERATOR_ANOMALY_PROBABILITY": "0"}


def longest_gap(found: list[Event]) -> timedelta:
    times = sorted(event.event_time for event in found)
    return max(after - before for before, after in pairwise(times))


def distinct(found: list[Event]) -> int:
    return len({event.event_id for event in found})


def test_two_hours_of_history_the_present_and_after_a_pause_only_the_gap(broker: Broker, tmp_path: Path) -> None:
    begun = utc_now()
    with live_generator(broker, tmp_path / "state", "--backfill", "2h"):
        assert utc_now() - begun < timedelta(seconds=20)
    first = events(broker)
    assert min(event.event_time for event in first) - begun < timedelta(hours=-1, minutes=-59)
    assert {each.origin for each in injections(broker)} >= {"history"}
    with live_generator(broker, tmp_path / "state", "--backfill", "2h") as generator:
        eventually(lambda: generator.count('generator_messages_sent_total{kind="good"}') > distinct(first) + 20, 10)
    both = events(broker)
    assert longest_gap(both) < timedelta(seconds=10)
    assert min(event.event_time for event in set(both) - set(first)) > max(event.event_time for event in first)
    assert max(event.event_time for event in both) <= utc_now()


def test_a_fault_on_demand_begins_within_a_second_and_ends_with_the_generator(broker: Broker, tmp_path: Path) -> None:
    with live_generator(broker, tmp_path / "state", GENERATOR_RATE="200", **CALM) as generator:
        asked_at = utc_now()
        asked = generator.inject(service="payments", kind="errors", minutes=2, magnitude=1)
        assert timedelta() <= asked.started_at - asked_at + timedelta(milliseconds=1) < timedelta(seconds=1)
        assert [each["injection_id"] for each in generator.running()] == [asked.injection_id]
        eventually(lambda: injections(broker) == [asked], 10)
    first, last = injections(broker)
    assert (first, last.injection_id, last.revision) == (asked, asked.injection_id, 2)
    during = [event for event in events(broker) if event.event_time >= asked.started_at]
    assert {event.is_error for event in during if event.service == "payments"} == {True}
    assert sum(event.is_error for event in during if event.service == "search") < 20


def test_a_broker_that_is_killed_and_comes_back_has_every_event(broker: Broker, tmp_path: Path) -> None:
    with live_generator(broker, tmp_path / "state", GENERATOR_RATE="50", GENERATOR_DUPLICATE_SHARE="0") as generator:
        broker.kill()
        eventually(lambda: not generator.is_healthy(), 15)
        broker.start()
        broker.wait_until_ready(60)
        eventually(generator.is_healthy, 40)
    found = events(broker)
    assert longest_gap(found) < timedelta(seconds=10)
    assert distinct(found) == len(found)


def test_another_broker_in_the_place_of_the_first_gets_the_traffic_soon(broker: Broker, tmp_path: Path) -> None:
    with live_generator(broker, tmp_path / "state", GENERATOR_RATE="50", **CALM) as generator:
        broker.stop()
        shutil.rmtree(broker.data_dir)
        broker.start()
        broker.wait_until_ready(60)
        ensure_topics(broker.address)
        eventually(lambda: generator.is_healthy() and len(events(broker)) > 100, 60)
        asked = generator.inject(service="search", kind="drop", minutes=1)
        eventually(lambda: asked in injections(broker), 40)
