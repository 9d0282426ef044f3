"""The live loop: in time and never early; behind, after a pause and without a broker it goes on."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contracts.times import from_epoch_ms
from contracts.topics import RAW_EVENTS
from generator.account import Message
from generator.live.delivery import MemoryDelivery
from generator.live.instruments import Instruments
from generator.live.loop import TICK_SECONDS, LiveLoop
from generator.live.minutely import Minutely
from generator.live.transit import Transit
from runtime.memory import MemoryCluster
from tests.fast.generator.live.shop import START, Shop


class Live:
    """A live loop whose clock goes on only while it waits, and by ``costs`` seconds for each message it sends."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.cluster = MemoryCluster([RAW_EVENTS])
        self.instruments = Instruments(60, list)
        self.sent: list[tuple[float, Message]] = []
        self.costs = 0.0
        self.delivery = Recording(self)
        self.loop = LiveLoop(shop.traffic, self.delivery, self.instruments, shop.clock, Minutely(self.seconds))

    def seconds(self) -> float:
        return (self.shop.clock() - START).total_seconds()

    def run(self, seconds: float) -> None:
        end = self.seconds() + seconds

        def wait(pause: float) -> bool:
            self.shop.clock.advance(pause)
            return self.seconds() >= end

        self.loop.run(wait)


class Recording(MemoryDelivery):
    """Takes note of when each message was sent."""

    def __init__(self, live: Live) -> None:
        super().__init__(live.cluster, live.instruments, live.seconds)
        self._live = live

    def send(self, messages: Sequence[Message]) -> None:
        self._live.sent += [(self._live.seconds(), message) for message in messages]
        self._live.shop.clock.advance(self._live.costs * len(messages))
        super().send(messages)


def lateness(live: Live) -> list[float]:
    """How many seconds after its time each message was sent."""
    return [at - (from_epoch_ms(message.leaves_ms) - START).total_seconds() for at, message in live.sent]


def test_messages_leave_on_time_and_never_early() -> None:
    live = Live(Shop(transit=Transit(duplicates=0.1, disorder=0.3)))
    live.run(60)
    assert len(live.sent) == pytest.approx(60 * 60 * 1.1, rel=0.1)
    assert min(lateness(live)) >= 0
    assert max(lateness(live)) <= TICK_SECONDS + 0.002
    assert live.instruments.behind_seconds == pytest.approx(0, abs=0.002)


def test_what_is_sent_is_what_the_seed_says() -> None:
    live = Live(Shop())
    live.run(60)
    expected = Shop().messages(1)
    assert [message for _, message in live.sent] == expected[: len(live.sent)]
    assert len(expected) - len(live.sent) < 20


def test_a_short_pause_is_made_up_for() -> None:
    live = Live(Shop())
    live.run(10)
    live.shop.clock.advance(50)
    live.run(10)
    assert [message for _, message in live.sent] == Shop().messages(2)[: len(live.sent)]
    assert live.instruments.behind_seconds == pytest.approx(0, abs=0.002)


def test_a_long_pause_is_skipped_and_said(caplog: pytest.LogCaptureFixture) -> None:
    live = Live(Shop(transit=Transit(disorder=0.5)))
    live.run(10)
    live.shop.clock.advance(3_600)
    live.run(10)
    times = [(from_epoch_ms(message.leaves_ms) - START).total_seconds() for _, message in live.sent]
    assert not [each for each in times if 20 < each < 3_610]
    assert len([each for each in times if each > 3_610]) == pytest.approx(600, rel=0.3)
    assert [vars(record)["skipped_seconds"] for record in caplog.records] == [pytest.approx(3_600, abs=0.3)]


def test_a_machine_that_is_too_slow_says_so_once_a_minute_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    live = Live(Shop(rate=200))
    live.costs = 0.00625
    live.run(200)
    assert live.instruments.behind_seconds == pytest.approx(40, abs=8)
    warnings = [record for record in caplog.records if "GENERATOR_RATE" in record.getMessage()]
    assert 3 <= len(warnings) <= 4
    assert len(live.sent) == pytest.approx(32_000, rel=0.05)


def test_a_stop_is_heard_while_it_is_behind() -> None:
    live = Live(Shop(rate=1_000))
    live.shop.clock.advance(59)
    live.loop.run(lambda _seconds: True)
    assert 1_000 < len(live.sent) < 4_000


def test_how_far_it_is_behind_is_unknown_at_first() -> None:
    assert Live(Shop()).instruments.behind_seconds is None


def test_a_broker_that_is_away_stops_nothing_and_gets_what_is_young_enough() -> None:
    live = Live(Shop())
    live.cluster.available = False
    live.run(90)
    assert live.delivery.problem() is not None
    live.cluster.available = True
    live.run(10)
    arrived = sum(len(live.cluster.records(source)) for source in live.cluster.partitions(RAW_EVENTS.name))
    failed = live.instruments.registry.get_sample_value("generator_messages_failed_total") or 0
    assert failed == pytest.approx(30 * 60, rel=0.1)
    assert arrived + failed == len(live.sent)
    assert live.delivery.problem() is None


def test_a_clock_that_is_set_back_a_little_makes_it_wait_and_repeats_nothing() -> None:
    live = Live(Shop())
    live.run(10)
    live.shop.clock.advance(-5)
    assert live.loop.problem() is None
    live.run(20)
    values = [message.value for _, message in live.sent]
    assert len(set(values)) == len(values)
    assert min(lateness(live)) >= 0


def test_a_clock_that_is_set_back_a_lot_is_a_reason_not_to_be_healthy() -> None:
    live = Live(Shop())
    live.run(10)
    live.shop.clock.advance(-3_600)
    live.run(10)
    assert "set back by 3590 s" in (live.loop.problem() or "")
    assert live.instruments.behind_seconds == 0
    assert from_epoch_ms(live.shop.traffic.at_ms) - START == pytest.approx(
        timedelta(seconds=10), abs=timedelta(seconds=1)
    )
