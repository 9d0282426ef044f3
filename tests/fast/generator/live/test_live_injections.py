"""The faults that run: who may begin one, what ends it early, and what is announced."""

from datetime import timedelta

import pytest

from contracts.anomalies import AnomalyType
from contracts.injections import Injection
from generator.live.faults import Fault
from generator.live.injections import FaultRunsError, NotLiveError
from tests.fast.generator.live.shop import MINUTE_MS, START, START_MS, Clock, Planned, Shop, error_share, fault, of

SURGE = AnomalyType.ERROR_SURGE
BY_CHANCE = fault("payments", SURGE, 1, 5, 0.4)


def live(*planned: Fault, minutes: float = 0.0) -> Shop:
    """A shop with live traffic, so many minutes after its start."""
    shop = Shop(Planned(*planned))
    shop.injections.go_live()
    go_on(shop, minutes)
    return shop


def go_on(shop: Shop, minutes: float) -> None:
    shop.clock.advance(minutes * 60)
    shop.messages(minutes)


def account(injections: list[Injection]) -> list[tuple[str, int, float, float]]:
    """Origin, revision, and begin and end in minutes after ``START``."""
    minute = timedelta(minutes=1)
    return [
        (each.origin, each.revision, (each.started_at - START) / minute, (each.ended_at - START) / minute)
        for each in injections
    ]


def test_a_fault_by_chance_is_announced_once_when_it_begins_with_its_planned_end() -> None:
    shop = live(BY_CHANCE, minutes=1)
    assert shop.announced == []
    go_on(shop, 0.01)
    assert account(shop.announced) == [("chance", 1, 1, 5)]
    go_on(shop, 10)
    assert len(shop.announced) == 1
    assert (shop.announced[0].kind, shop.announced[0].magnitude) == (SURGE, 0.4)


def test_before_live_traffic_faults_are_history_and_none_may_be_asked_for() -> None:
    shop = Shop(Planned(BY_CHANCE))
    go_on(shop, 2)
    assert account(shop.announced) == [("history", 1, 1, 5)]
    with pytest.raises(NotLiveError):
        shop.injections.request("search", SURGE, MINUTE_MS)


def test_a_fault_that_is_asked_for_begins_at_once_and_lasts_as_long_as_was_asked() -> None:
    shop = live(minutes=2)
    answer = shop.injections.request("search", SURGE, 3 * MINUTE_MS, 0.9)
    assert shop.announced == [answer]
    assert account([answer]) == [("request", 1, 2, 5)]
    made = shop.events(5)
    assert error_share(of("search", made, 2, 5)) > 0.8
    assert error_share(of("search", made, 5, 7)) < 0.02


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("error_surge", 0.2, 0.5), ("latency_spike", 5, 10), ("traffic_drop", 0.05, 0.3), ("traffic_surge", 3, 5)],
)
def test_without_a_magnitude_a_typical_one_is_drawn(kind: str, low: float, high: float) -> None:
    assert low <= live().injections.request("search", AnomalyType(kind), MINUTE_MS).magnitude <= high


def test_a_fault_that_is_asked_for_ends_one_by_chance() -> None:
    shop = live(BY_CHANCE, minutes=2)
    shop.injections.request("payments", AnomalyType.LATENCY_SPIKE, MINUTE_MS)
    assert account(shop.announced) == [("chance", 1, 1, 5), ("chance", 2, 1, 2), ("request", 1, 2, 3)]
    assert shop.announced[0].injection_id == shop.announced[1].injection_id != shop.announced[2].injection_id
    made = shop.events(3)
    assert len(shop.announced) == 3
    assert error_share(of("payments", made)) < 0.02


def test_a_fault_by_chance_on_another_service_goes_on() -> None:
    shop = live(BY_CHANCE, minutes=2)
    shop.injections.request("search", SURGE, MINUTE_MS)
    assert account(shop.announced) == [("chance", 1, 1, 5), ("request", 1, 2, 3)]


def test_none_by_chance_begins_while_one_that_was_asked_for_runs() -> None:
    shop = live(BY_CHANCE, fault("payments", SURGE, 6, 8, 0.3))
    shop.injections.request("payments", SURGE, 2 * MINUTE_MS)
    go_on(shop, 10)
    assert account(shop.announced) == [("request", 1, 0, 2), ("chance", 1, 6, 8)]


def test_a_second_request_on_a_service_is_refused_until_the_first_is_over() -> None:
    shop = live()
    shop.injections.request("payments", SURGE, 2 * MINUTE_MS)
    go_on(shop, 1.99)
    with pytest.raises(FaultRunsError, match="until 2026-01-05T09:02:00Z"):
        shop.injections.request("payments", AnomalyType.TRAFFIC_DROP, MINUTE_MS)
    go_on(shop, 0.01)
    shop.injections.request("payments", AnomalyType.TRAFFIC_DROP, MINUTE_MS)
    assert [origin for origin, *_ in account(shop.announced)] == ["request", "request"]


def test_a_second_request_is_refused_although_the_clock_was_set_back() -> None:
    shop = live()
    shop.clock.advance(10)
    shop.injections.request("payments", SURGE, MINUTE_MS)
    shop.clock.advance(-5)
    with pytest.raises(FaultRunsError):
        shop.injections.request("payments", SURGE, MINUTE_MS)


def test_a_fault_never_begins_in_traffic_that_was_made_already() -> None:
    shop = live(minutes=1)
    shop.clock.advance(-30)
    assert account([shop.injections.request("payments", SURGE, MINUTE_MS)]) == [("request", 1, 1, 2)]


def test_what_runs_is_told_and_forgotten() -> None:
    shop = live(BY_CHANCE, minutes=2)
    shop.injections.request("search", SURGE, MINUTE_MS)
    assert {each.service for each in shop.injections.running()} == {"payments", "search"}
    go_on(shop, 1)
    assert {each.service for each in shop.injections.running()} == {"payments"}
    go_on(shop, 2)
    assert shop.injections.running() == []


def test_traffic_that_begins_within_a_planned_fault_has_the_rest_of_it() -> None:
    shop = Shop(Planned(BY_CHANCE), start_ms=START_MS + 3 * MINUTE_MS)
    shop.messages(1)
    assert account(shop.announced) == [("history", 1, 3, 5)]


def test_a_skip_ends_what_would_have_ended_in_it_and_leaves_what_goes_on() -> None:
    shop = live(BY_CHANCE, fault("search", SURGE, 1, 30, 0.4), minutes=2)
    shop.traffic.skip(START_MS + 10 * MINUTE_MS)
    go_on(shop, 1)
    assert account(shop.announced[2:]) == [("chance", 2, 1, 2)]
    assert shop.announced[2].service == "payments"


def test_faults_that_were_planned_within_a_skip_do_not_happen() -> None:
    shop = live(BY_CHANCE)
    shop.traffic.skip(START_MS + 10 * MINUTE_MS)
    go_on(shop, 5)
    assert shop.announced == []


def test_at_the_end_every_fault_ends() -> None:
    shop = live(BY_CHANCE, minutes=2)
    shop.injections.request("search", SURGE, 5 * MINUTE_MS)
    go_on(shop, 1)
    shop.injections.end()
    assert sorted(account(shop.announced[2:])) == [("chance", 2, 1, 3), ("request", 2, 2, 3)]


def test_a_record_says_when_it_was_emitted() -> None:
    clock = Clock(START + timedelta(hours=3))
    shop = Shop(Planned(BY_CHANCE), clock=clock)
    shop.messages(2)
    assert shop.announced[0].emitted_at == START + timedelta(hours=3)
