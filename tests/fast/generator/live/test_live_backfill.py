"""Backfill: from where to fill, and that it ends at the present before live traffic takes over."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

import pytest

from contracts.anomalies import AnomalyType
from contracts.times import from_epoch_ms
from contracts.topics import RAW_EVENTS
from generator.account import Kind, Message
from generator.live.backfill import Backfill, backfill_start
from generator.live.delivery import MemoryDelivery
from generator.live.instruments import Instruments
from generator.live.transit import Transit
from runtime.memory import MemoryCluster
from tests.fast.generator.live.shop import START, START_MS, Clock, Planned, Shop, event_time_ms, fault

HOUR = timedelta(hours=1)
NOW = START + 2 * HOUR


class Slow(MemoryDelivery):
    """A topic that takes some seconds for each portion, and counts portions."""

    def __init__(self, cluster: MemoryCluster, clock: Clock, seconds: float) -> None:
        super().__init__(cluster, Instruments(60, list))
        self._shop_clock, self._seconds = clock, seconds
        self.portions, self.settled = 0, True
        self.sent: list[list[Message]] = []

    def send(self, messages: Sequence[Message]) -> None:
        assert self.settled, "the portion before is not acknowledged yet"
        self.settled = False
        self.portions += 1
        self.sent.append([message for message in messages if message.kind is Kind.GOOD])
        self._shop_clock.advance(self._seconds)
        super().send(messages)

    def settle(self, timeout_seconds: float) -> bool:
        self.settled = super().settle(timeout_seconds)
        return self.settled


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster([RAW_EVENTS])


def values(cluster: MemoryCluster) -> list[bytes]:
    sources = cluster.partitions(RAW_EVENTS.name)
    return [message.value or b"" for source in sources for message in cluster.records(source)]


def fill(cluster: MemoryCluster, shop: Shop, seconds: float = 0.0, portions: int = 10_000) -> Slow:
    """Fill, stopped after so many portions."""
    delivery = Slow(cluster, shop.clock, seconds)
    Backfill(shop.traffic, delivery, shop.clock, lambda: delivery.portions >= portions).run()
    return delivery


@pytest.mark.parametrize(
    ("newest_hours", "start_hours"), [(None, -2), (-5, -2), (-2, -2), (-0.5, -0.5), (0, 0)], ids=str
)
def test_it_fills_after_the_newest_event_and_at_most_the_span(newest_hours: float | None, start_hours: float) -> None:
    newest = None if newest_hours is None else NOW + newest_hours * HOUR
    start = backfill_start(NOW, 2 * HOUR, newest)
    assert timedelta() <= start - (NOW + start_hours * HOUR) <= timedelta(milliseconds=1)
    assert newest is None or start > newest


def test_it_fills_up_to_the_present_with_the_traffic_of_the_seed(cluster: MemoryCluster) -> None:
    fill(cluster, Shop(clock=Clock(NOW), rate=2))
    expected = [message.value for message in Shop(rate=2).messages(120)]
    assert sorted(values(cluster)) == sorted(value for value in expected if value is not None)


def test_the_time_that_passes_meanwhile_is_filled_too(cluster: MemoryCluster) -> None:
    shop = Shop(clock=Clock(NOW), rate=2)
    fill(cluster, shop, seconds=0.5)
    assert shop.clock() > NOW + timedelta(minutes=10)
    assert shop.clock() - from_epoch_ms(shop.traffic.at_ms) <= timedelta(seconds=1)


def test_who_never_catches_up_leaves_the_rest_to_live_traffic(cluster: MemoryCluster) -> None:
    shop = Shop(clock=Clock(START + timedelta(minutes=5)), rate=2)
    assert fill(cluster, shop, seconds=10).portions == 60


def test_history_is_sent_in_time_order_and_partitions_stay_in_step(cluster: MemoryCluster) -> None:
    delivery = fill(cluster, Shop(clock=Clock(NOW), rate=2, transit=Transit(duplicates=0.1, disorder=0.5)))
    times = [[event_time_ms(message) for message in portion] for portion in delivery.sent if portion]
    assert [moment for portion in times for moment in portion] == sorted(chain.from_iterable(times))
    assert max(portion[-1] - portion[0] for portion in times) <= 5_000


def test_nothing_is_ahead_of_the_clock(cluster: MemoryCluster) -> None:
    shop = Shop(clock=Clock(NOW), rate=2, transit=Transit(duplicates=0.1, disorder=0.5))
    fill(cluster, shop)
    times = [datetime.fromisoformat(json.loads(value)["event_time"]) for value in values(cluster)]
    assert NOW - timedelta(seconds=15) < max(times) < NOW


def test_its_faults_are_history(cluster: MemoryCluster) -> None:
    shop = Shop(Planned(fault("search", AnomalyType.ERROR_SURGE, 30, 33, 0.4)), clock=Clock(NOW), rate=1)
    fill(cluster, shop)
    assert [(each.origin, each.revision) for each in shop.announced] == [("history", 1)]


def test_it_can_be_stopped(cluster: MemoryCluster) -> None:
    shop = Shop(clock=Clock(NOW), rate=2)
    assert fill(cluster, shop, portions=3).portions == 3
    assert shop.traffic.at_ms < START_MS + 7_200_000


def test_it_says_what_it_does(cluster: MemoryCluster, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    fill(cluster, Shop(clock=Clock(NOW), rate=2), seconds=0.05)
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "filling history"
    assert said[-1] == "history is filled"
    assert 10 < len(said) < 50
    assert vars(caplog.records[-1])["messages"] == len(values(cluster))


def test_a_gap_of_nothing_sends_nothing(cluster: MemoryCluster) -> None:
    fill(cluster, Shop(clock=Clock(START)))
    assert values(cluster) == []
