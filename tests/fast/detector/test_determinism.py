"""The same events give the same anomalies: however they are batched, polled, interleaved, or interrupted."""

import tempfile
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.anomalies import Anomaly, AnomalyType
from contracts.topics import AGGREGATED_METRICS, ANOMALIES
from detector.settings import DetectorSettings
from runtime.memory import MemoryCluster
from tests.fast.detector.detectors import (
    Detector,
    Killed,
    KillingPublisher,
    UnevenSource,
    contents_by_revision,
    final,
    forget_snapshot,
)
from tests.fast.detector.streamed import Event, Streaming
from tests.fast.detector.traffic import content_with_few, faulty_traffic

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.lists(st.integers(1, 80), min_size=1, max_size=8)


def clusters(events: list[Event], sizes: list[int]) -> MemoryCluster:
    cluster = MemoryCluster((AGGREGATED_METRICS, ANOMALIES))
    Streaming(cluster).batches(events, sizes)
    return cluster


def undisturbed(events: list[Event]) -> dict[str, Anomaly]:
    """Return the anomalies of one detector that reads one batch of all events."""
    with tempfile.TemporaryDirectory() as state_dir:
        cluster = clusters(events, [len(events)])
        Detector(cluster, content_with_few(Path(state_dir))).catch_up()
        return final(cluster)


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, sizes=SIZES)
def test_batches_polls_and_the_order_of_partitions_do_not_matter(seed: int, sizes: list[int]) -> None:
    events = faulty_traffic(seed)
    with tempfile.TemporaryDirectory() as state_dir:
        cluster = clusters(events, sizes)
        Detector(cluster, content_with_few(Path(state_dir)), UnevenSource(cluster, seed)).catch_up()
    assert final(cluster) == undisturbed(events)


def until_killed(detector: Detector, steps: int) -> None:
    try:
        for _ in range(steps):
            detector.loop.step()
    except Killed:
        pass


def killed_again_and_again(cluster: MemoryCluster, settings_: DetectorSettings, seed: int, loss: float) -> None:
    """Run detectors one after the other; each dies after some records or steps, and may lose its snapshot."""
    random = Random(seed)
    for _ in range(8):
        connect = partial(KillingPublisher, cluster, random.randrange(6))
        detector = Detector(cluster, settings_, UnevenSource(cluster, random.randrange(1000)), connect)
        until_killed(detector, random.randrange(40))
        if random.random() < loss:
            forget_snapshot(settings_)
    Detector(cluster, settings_, UnevenSource(cluster, seed)).catch_up()


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, sizes=SIZES, loss=st.sampled_from((0.0, 0.5, 1.0)))
def test_restarts_do_not_matter_with_or_without_a_snapshot(seed: int, sizes: list[int], loss: float) -> None:
    events = faulty_traffic(seed)
    with tempfile.TemporaryDirectory() as state_dir:
        cluster = clusters(events, sizes)
        killed_again_and_again(cluster, content_with_few(Path(state_dir)), seed, loss)
    assert final(cluster) == undisturbed(events)
    assert [each for each in contents_by_revision(cluster).values() if len(each) > 1] == []


def test_the_traffic_of_these_tests_has_anomalies_and_all_of_them_end() -> None:
    found = [each for seed in range(3) for each in undisturbed(faulty_traffic(seed)).values()]
    assert {each.anomaly_type for each in found} == set(AnomalyType)
    assert all(each.resolved for each in found)


@pytest.mark.parametrize("survives", [True, False], ids=["with its snapshot", "without a snapshot"])
@pytest.mark.parametrize("seed", range(5))
def test_a_detector_that_dies_again_after_a_few_records_loses_and_changes_nothing(
    tmp_path: Path, seed: int, survives: bool
) -> None:
    events = faulty_traffic(seed)
    cluster, settings_ = clusters(events, [18]), content_with_few(tmp_path)
    for life in range(60):
        connect = partial(KillingPublisher, cluster, 1 + life // 10)
        until_killed(Detector(cluster, settings_, UnevenSource(cluster, life), connect), 1_000)
        if not survives:
            forget_snapshot(settings_)
    assert final(cluster) == undisturbed(events)
    assert [each for each in contents_by_revision(cluster).values() if len(each) > 1] == []
