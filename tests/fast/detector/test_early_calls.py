"""What is certain before a window is over is called before it is over, and stays what it was."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from contracts.anomalies import Anomaly, AnomalyType
from contracts.histogram import bucket_index
from detector.engine import Engine, EngineState
from detector.revision import is_early
from detector.settings import DetectorSettings
from detector.warm_up import Published
from detector.windows import WindowCounts
from tests.fast.detector.counting import CALM, MINUTE, START, Minutes, counts

ONSET = START + 20 * MINUTE
SECOND = timedelta(seconds=1)
STATE: TypeAdapter[EngineState] = TypeAdapter(EngineState)


def steady() -> Engine:
    """An engine that has seen twenty calm minutes of a service with a hundred requests each."""
    minutes = Minutes()
    assert minutes.pass_minutes([CALM] * 20) == []
    return minutes.engine


def so_far(requests: int, errors: int, latency_seconds: float = 0.1) -> WindowCounts:
    return counts(20, (requests, errors, latency_seconds))


@pytest.mark.parametrize(
    ("partial", "kind"),
    [
        (so_far(20, 10), AnomalyType.ERROR_SURGE),
        (so_far(20, 0, 2.0), AnomalyType.LATENCY_SPIKE),
        (so_far(201, 0), AnomalyType.TRAFFIC_SURGE),
    ],
)
def test_what_is_far_beyond_is_called_at_once(partial: WindowCounts, kind: AnomalyType) -> None:
    called = steady().feed([partial], ONSET + 15 * SECOND)
    (anomaly,) = [each for each in called if each.anomaly_type is kind]
    assert is_early(anomaly)
    assert (anomaly.window_start, anomaly.window_end) == (ONSET, ONSET + MINUTE)
    assert anomaly.detected_at == ONSET + 15 * SECOND
    assert "which is not over yet" in anomaly.description
    assert anomaly.evidence.windows[-1].window_start == ONSET


@pytest.mark.parametrize("partial", [so_far(20, 9), so_far(11, 0, 2.0), so_far(199, 0), so_far(1, 0)])
def test_what_may_still_turn_out_well_is_not_called(partial: WindowCounts) -> None:
    assert steady().feed([partial], ONSET + 50 * SECOND) == []


def test_it_is_called_once_and_told_in_full_when_the_window_is_over() -> None:
    engine = steady()
    (early,) = engine.feed([so_far(20, 10)], ONSET + 15 * SECOND)
    assert engine.feed([so_far(60, 25)], ONSET + 40 * SECOND) == []
    (full,) = engine.feed([so_far(100, 45)], ONSET + 70 * SECOND)
    assert (full.anomaly_id, full.incident_id) == (early.anomaly_id, early.incident_id)
    assert (early.revision, full.revision) == (1, 2)
    assert full.detected_at == early.detected_at
    assert (early.metric_value, full.metric_value) == (0.5, 0.45)


def test_nothing_is_called_before_the_window_before_it_is_judged() -> None:
    engine = steady()
    engine.add(counts(21, (20, 10, 0.1)))
    assert engine.advance(ONSET + MINUTE + 9 * SECOND) == []
    assert [each.window_start for each in engine.advance(ONSET + MINUTE + 10 * SECOND)] == [ONSET + MINUTE]


def test_an_open_anomaly_is_not_called_again() -> None:
    engine = steady()
    engine.feed([so_far(100, 45)], ONSET + 70 * SECOND)
    assert engine.feed([counts(21, (50, 25, 0.1))], ONSET + 90 * SECOND) == []


def test_a_call_whose_counts_are_lost_is_withdrawn() -> None:
    engine = steady()
    (early,) = engine.feed([so_far(20, 10)], ONSET + 15 * SECOND)
    state = engine.state()
    state.open_windows.clear()
    (end,) = Engine(DetectorSettings(), state).advance(ONSET + 70 * SECOND)
    assert (end.anomaly_id, end.revision, end.resolved) == (early.anomaly_id, 2, True)
    assert "withdrawn" in end.description


def test_after_a_restart_without_a_snapshot_a_call_is_confirmed_by_its_window() -> None:
    before = steady()
    (early,) = before.feed([so_far(20, 10)], ONSET + 15 * SECOND)
    known = Published()
    known.add(early)
    again = Engine(DetectorSettings(), warm_up=known.warm_up())
    windows = [counts(minute) for minute in range(20)]
    assert again.feed([*windows, so_far(100, 45)], ONSET + 30 * SECOND) == []
    (full,) = again.advance(ONSET + 70 * SECOND)
    assert (full.anomaly_id, full.revision, full.incident_id) == (early.anomaly_id, 2, early.incident_id)
    assert full.detected_at == early.detected_at


FATES = st.tuples(st.integers(0, 59), st.sampled_from([0.05, 0.1, 0.4, 3.0]), st.booleans())
REQUESTS = st.lists(st.tuples(st.integers(20, 23), st.sampled_from(["cart", "search"]), FATES), max_size=250)


@hypothesis_settings(deadline=None, max_examples=60)
@given(requests=REQUESTS, cuts=st.lists(st.integers(0, 300), max_size=12), survives=st.booleans())
def test_whenever_it_is_looked_at_the_same_anomalies_remain(
    requests: list[tuple[int, str, tuple[int, float, bool]]], cuts: list[int], survives: bool
) -> None:
    assert remaining(requests, cuts, survives=survives) == remaining(requests, [], survives=False)


def remaining(
    requests: list[tuple[int, str, tuple[int, float, bool]]], cuts: list[int], *, survives: bool
) -> dict[str, Anomaly]:
    """Return what readers keep when the counts are looked at after these seconds, and at the end."""
    minutes = Minutes()
    for _ in range(20):
        minutes.pass_minute({"cart": (60, 0, 0.1), "search": (60, 0, 0.1)}, evenly=True)
    engine, kept = minutes.engine, dict[str, Anomaly]()
    for seconds in [*sorted(cuts), 600]:
        now = ONSET + seconds * SECOND
        for each in engine.feed(counted_until(requests, now), now):
            kept[each.anomaly_id] = each.model_copy(update={"revision": 1, "detected_at": START, "emitted_at": START})
        if survives:
            engine = Engine(DetectorSettings(), STATE.validate_json(STATE.dump_json(engine.state())))
    return kept


def counted_until(requests: list[tuple[int, str, tuple[int, float, bool]]], now: datetime) -> list[WindowCounts]:
    windows: dict[tuple[datetime, str], dict[int, list[int]]] = {}
    for minute, service, (second, latency_seconds, failed) in requests:
        start = START + minute * MINUTE
        if start + second * SECOND <= now:
            buckets = windows.setdefault((start, service), {})
            index = bucket_index(latency_seconds)
            counted = buckets.setdefault(index, [0, 0, 0, 0])
            for number, counts_here in enumerate((True, failed, second < 20, 20 <= second < 40)):
                counted[number] += counts_here
    return [
        WindowCounts(
            start,
            service,
            "/",
            [(index, each[0], each[1]) for index, each in buckets.items()],
            [(each[2], each[3]) for each in buckets.values()],
        )
        for (start, service), buckets in windows.items()
    ]
