"""Faults by chance: as often, as long and as strong as they are meant to be, and the same for everybody who looks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.anomalies import AnomalyType
from generator.live.chance import Chance
from generator.live.faults import Fault
from tests.fast.generator.live.shop import MINUTE_MS, START_MS

DAY_MS = 1440 * MINUTE_MS
DAYS = 20
MIDNIGHT_MS = START_MS // DAY_MS * DAY_MS


def planned(probability: float, service: str = "search", seed: int = 1, days: int = DAYS) -> list[Fault]:
    return Chance(seed, probability).between(service, MIDNIGHT_MS, MIDNIGHT_MS + days * DAY_MS)


def test_a_fault_begins_as_often_as_the_probability_says_where_none_runs() -> None:
    faults = planned(0.05)
    free_minutes = DAYS * 1440 - sum(fault.end_ms - fault.start_ms for fault in faults) / MINUTE_MS
    assert len(faults) / free_minutes == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("probability", [0.05, 1.0])
def test_faults_last_two_to_five_minutes_and_one_runs_at_a_time(probability: float) -> None:
    faults = planned(probability)
    lengths = [(fault.end_ms - fault.start_ms) / MINUTE_MS for fault in faults]
    assert min(lengths) >= 2
    assert max(lengths) <= 5
    assert sum(lengths) / len(lengths) == pytest.approx(3.5, abs=0.2)
    assert all(after.start_ms >= before.end_ms for before, after in pairwise(faults))


def test_faults_begin_anywhere_within_a_minute() -> None:
    offsets = [fault.start_ms % MINUTE_MS for fault in planned(0.05)]
    quarters = [sum(offset // 15_000 == quarter for offset in offsets) / len(offsets) for quarter in range(4)]
    assert all(share == pytest.approx(0.25, abs=0.07) for share in quarters)


def test_every_kind_comes_with_magnitudes_of_its_own() -> None:
    faults = planned(0.05)
    for kind, low, high in (
        (AnomalyType.ERROR_SURGE, 0.2, 0.5),
        (AnomalyType.LATENCY_SPIKE, 5, 10),
        (AnomalyType.TRAFFIC_DROP, 0.05, 0.3),
        (AnomalyType.TRAFFIC_SURGE, 3, 5),
    ):
        magnitudes = [fault.magnitude for fault in faults if fault.kind == kind]
        assert len(magnitudes) / len(faults) == pytest.approx(0.25, abs=0.07)
        assert low <= min(magnitudes) < low + (high - low) / 4
        assert high - (high - low) / 4 < max(magnitudes) <= high


def test_services_and_seeds_have_faults_of_their_own() -> None:
    starts = [
        tuple(fault.start_ms for fault in planned(0.05, service, seed, days=1))
        for service, seed in (("search", 1), ("payments", 1), ("search", 2))
    ]
    assert len(set(starts)) == 3


def test_without_probability_there_are_none() -> None:
    assert planned(0.0) == []


@given(st.lists(st.integers(0, 3 * 1440), max_size=8))
def test_they_are_the_same_in_whatever_portions_one_looks(cuts: list[int]) -> None:
    bounds = [MIDNIGHT_MS + minute * MINUTE_MS for minute in (0, *sorted(cuts), 3 * 1440)]
    found = [Chance(1, 0.05).between("search", begin, end) for begin, end in pairwise(bounds)]
    assert [fault for portion in found for fault in portion] == planned(0.05, days=3)
