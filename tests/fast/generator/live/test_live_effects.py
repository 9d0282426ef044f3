"""What faults do to the traffic: within their time what they say, outside it nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.anomalies import AnomalyType
from contracts.event import Event
from generator.live.faults import Fault
from tests.fast.generator.live.shop import Planned, Shop, error_share, events, fault, of, quantile_ms

RATE, MINUTES = 150.0, 10


def traffic(*faults: Fault) -> list[Event]:
    return Shop(Planned(*faults), rate=RATE).events(MINUTES)


@pytest.mark.parametrize("magnitude", [0.2, 0.5, 1.0])
def test_an_error_surge_fails_the_share_it_says(magnitude: float) -> None:
    made = traffic(fault("payments", AnomalyType.ERROR_SURGE, 4.5, 7.25, magnitude))
    assert error_share(of("payments", made, 4.5, 7.25)) == pytest.approx(magnitude, abs=0.03)
    for quiet in (of("payments", made, 0, 4.5), of("payments", made, 7.25), of("search", made)):
        assert error_share(quiet) < 0.008


def test_a_latency_spike_multiplies_latencies() -> None:
    usual = traffic()
    made = traffic(fault("search", AnomalyType.LATENCY_SPIKE, 4.5, 7.25, 6.0))
    for per_cent in (50, 95):
        quantiles = (quantile_ms(of("search", each, 4.5, 7.25), per_cent) for each in (made, usual))
        assert next(quantiles) / next(quantiles) == pytest.approx(6.0, rel=0.001)
    assert of("search", made, 0, 4.5) == of("search", usual, 0, 4.5)
    assert of("search", made, 7.25) == of("search", usual, 7.25)


def test_a_traffic_drop_keeps_the_share_it_says() -> None:
    usual = traffic()
    made = traffic(fault("checkout", AnomalyType.TRAFFIC_DROP, 4.5, 7.25, 0.1))
    kept = of("checkout", made, 4.5, 7.25)
    assert len(kept) / len(of("checkout", usual, 4.5, 7.25)) == pytest.approx(0.1, abs=0.02)
    assert set(kept) <= set(usual)
    assert of("checkout", made, 7.25) == of("checkout", usual, 7.25)


def test_a_traffic_surge_brings_as_many_times_the_requests() -> None:
    usual = traffic()
    made = traffic(fault("checkout", AnomalyType.TRAFFIC_SURGE, 4.5, 7.25, 4.0))
    during = of("checkout", made, 4.5, 7.25)
    assert len(during) / len(of("checkout", usual, 4.5, 7.25)) == pytest.approx(4.0, rel=0.05)
    assert quantile_ms(during, 95) == pytest.approx(quantile_ms(of("checkout", usual), 95), rel=0.1)
    assert error_share(during) < 0.008
    assert of("checkout", made, 7.25) == of("checkout", usual, 7.25)
    assert len({event.event_id for event in made}) == len(made)


def test_services_have_faults_of_their_own_at_the_same_time() -> None:
    made = traffic(
        fault("checkout", AnomalyType.ERROR_SURGE, 2, 6, 0.4), fault("payments", AnomalyType.LATENCY_SPIKE, 3, 6, 8)
    )
    assert error_share(of("checkout", made, 2, 6)) == pytest.approx(0.4, abs=0.03)
    assert error_share(of("payments", made)) < 0.008
    assert quantile_ms(of("payments", made, 3, 6), 50) > 5 * quantile_ms(of("payments", made, 0, 3), 50)


@given(st.integers(700, 240_000))
@settings(max_examples=25)
def test_faults_change_the_same_requests_however_the_time_is_cut(step_ms: int) -> None:
    plan = Planned(
        fault("search", AnomalyType.TRAFFIC_SURGE, 0.5, 2.3, 3.0),
        fault("search", AnomalyType.ERROR_SURGE, 2.3, 3.1, 0.5),
        fault("payments", AnomalyType.TRAFFIC_DROP, 1, 3, 0.2),
    )
    cut, whole = (events(Shop(plan, rate=5).messages(4, step)) for step in (step_ms, 240_000))
    assert sorted(cut, key=lambda event: event.event_id or "") == sorted(whole, key=lambda event: event.event_id or "")


def test_traffic_that_begins_within_a_fault_has_the_same_events_as_one_that_began_before() -> None:
    plan = Planned(fault("search", AnomalyType.TRAFFIC_SURGE, 1, 5, 3.0))
    whole = Shop(plan).events(8)
    late = Shop(plan, start_ms=Shop().traffic.at_ms + 150_000)
    assert set(late.events(5.5)) == {event for event in whole if event.event_time >= late.announced[0].started_at}
    assert late.announced[0].started_at.second == 30
