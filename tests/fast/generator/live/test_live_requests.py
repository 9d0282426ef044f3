"""Requests: a minute is always the same, and the shop is as busy and as fast as it is meant to be."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.live.catalog import CATALOG, Service
from generator.live.requests import Flow, Process, Request
from generator.live.rhythm import DAY_MINUTES, rhythm
from tests.fast.generator.live.shop import MINUTE_MS, START_MS, Shop, of, quantile_ms


def process(rate: float, service: Service = CATALOG[0], key: str = "k") -> Process:
    return Process(key, service, lambda _minute: rate)


def requests(minutes: int, rate: float, service: Service = CATALOG[0], key: str = "k") -> list[Request]:
    return Flow(process(rate, service, key), START_MS).until(START_MS + minutes * MINUTE_MS)


@given(st.lists(st.integers(0, 3 * MINUTE_MS), max_size=12))
def test_requests_are_the_same_however_they_are_portioned(cuts: list[int]) -> None:
    flow = Flow(process(2.0), START_MS)
    portions = [flow.until(START_MS + cut) for cut in [*sorted(cuts), 3 * MINUTE_MS]]
    assert [request for portion in portions for request in portion] == requests(3, 2.0)


@given(st.integers(0, 3 * MINUTE_MS))
def test_who_begins_in_the_middle_gets_the_same_requests(begin: int) -> None:
    late = Flow(process(2.0), START_MS + begin).until(START_MS + 3 * MINUTE_MS)
    assert late == [request for request in requests(3, 2.0) if request.moment_ms >= START_MS + begin]


def test_a_portion_holds_what_comes_before_its_end() -> None:
    flow = Flow(process(5.0), START_MS)
    for end in range(START_MS + 777, START_MS + 2 * MINUTE_MS, 777):
        assert all(end - 777 <= request.moment_ms < end for request in flow.until(end))


def test_other_keys_are_other_requests_with_other_identities() -> None:
    one, other = requests(1, 5.0, key="1"), requests(1, 5.0, key="2")
    assert [each.moment_ms for each in one] != [each.moment_ms for each in other]
    assert not {each.event_id for each in one} & {each.event_id for each in other}


def test_identities_are_unique_over_services_and_minutes() -> None:
    ids = [event.event_id for event in Shop(rate=50).events(10)]
    assert len(set(ids)) == len(ids) > 25_000


def test_arrivals_are_a_poisson_process() -> None:
    made = requests(60, 5.0)
    gaps = [after.moment_ms - before.moment_ms for before, after in pairwise(made)]
    mean = sum(gaps) / len(gaps)
    assert mean == pytest.approx(200, rel=0.05)
    # Of an exponential distribution, e^-1 is above the mean, e^-3 above three times the mean.
    assert sum(gap > mean for gap in gaps) / len(gaps) == pytest.approx(0.368, abs=0.02)
    assert sum(gap > 3 * mean for gap in gaps) / len(gaps) == pytest.approx(0.050, abs=0.008)


def test_a_service_that_is_hardly_ever_asked_is_not_waited_for() -> None:
    assert requests(60, 1e-9) == []


@pytest.mark.parametrize("amplitude", [0.0, 0.3, 0.9])
def test_the_rhythm_means_one_over_a_day_and_is_smooth(amplitude: float) -> None:
    day = [rhythm(minute, amplitude) for minute in range(DAY_MINUTES + 1)]
    assert sum(day[:-1]) / DAY_MINUTES == pytest.approx(1, abs=1e-9)
    assert (max(day), min(day)) == pytest.approx((1 + amplitude, 1 - amplitude), abs=1e-4)
    assert max(abs(after - before) for before, after in pairwise(day)) <= 0.005


def test_the_rate_is_that_of_the_setting_times_the_rhythm() -> None:
    busiest = START_MS - 9 * 60 * MINUTE_MS + 15 * 60 * MINUTE_MS
    quietest = busiest - 12 * 60 * MINUTE_MS
    for start_ms, factor in ((busiest, 1.3), (quietest, 0.7)):
        made = Shop(rate=30, amplitude=0.3, start_ms=start_ms).events(10)
        assert len(made) / 600 == pytest.approx(30 * factor, rel=0.04)


def test_services_and_endpoints_get_their_shares() -> None:
    made = Shop(rate=50, seed=2).events(10)
    services = Counter(event.service for event in made)
    for service in CATALOG:
        assert services[service.name] / len(made) == pytest.approx(service.share, abs=0.02)
        paths = Counter(event.endpoint for event in made if event.service == service.name)
        weights = sum(endpoint.weight for endpoint in service.endpoints)
        for endpoint in service.endpoints:
            share = endpoint.weight / weights
            assert paths[endpoint.path] / services[service.name] == pytest.approx(share, abs=0.02)


def test_the_shares_of_the_services_add_up() -> None:
    assert sum(service.share for service in CATALOG) == pytest.approx(1)
    assert {service.name for service in CATALOG} == {"checkout", "payments", "search"}
    assert all(3 <= len(service.endpoints) <= 4 for service in CATALOG)


@pytest.mark.parametrize("service", [service.name for service in CATALOG])
def test_the_usual_p95_lies_in_its_band(service: str) -> None:
    made = of(service, Shop(rate=50).events(10))
    assert 200 < quantile_ms(made, 95) < 350


def test_the_usual_statuses_are_as_they_should_be() -> None:
    made = Shop(rate=200).events(10)
    statuses = {status: number / len(made) for status, number in Counter(each.status_code for each in made).items()}
    assert set(statuses) == {200, 201, 404, 500, 503}
    assert statuses[500] + statuses[503] == pytest.approx(0.002, abs=0.0006)
    assert statuses[500] == pytest.approx(statuses[503], abs=0.0006)
    assert statuses[404] == pytest.approx(0.01, abs=0.002)
    assert statuses[200] > 0.85
