"""/api/v1/timeline: a lane per service without gaps and overlaps, and one of what was injected."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.store import timeline
from exporters.store.sink import Sink
from exporters.store.timeline import Interval, flatten
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, at, injection
from tests.fast.exporters.traffic import MINUTE, START, messages, update

PATH = f"/api/v1/timeline?from={at(0)}&to={at(30)}"


@pytest.fixture(autouse=True)
def an_hour_later(web: Web) -> None:
    web.now = START + 60 * MINUTE


def lane(web: Web, name: str, query: str = "") -> list[tuple[object, ...]]:
    """Return the states of a lane with their times in minutes."""
    rows = [row for row in web.get(f"{PATH}&{query}") if row["lane"] == name]
    return [(row["state"], (row["started_at"] - at(0)) / 60_000, (row["ended_at"] - at(0)) / 60_000) for row in rows]


def test_a_row_has_every_key(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(start=-5, end=35))
    assert web.get(PATH) == [
        {"lane": "payments", "state": "critical", "started_at": at(0), "ended_at": at(30), "id": "i"}
    ]


def test_a_quiet_service_is_ok(web: Web, sink: Sink) -> None:
    sink.apply("A", messages([update()]))
    assert web.get(PATH) == [{"lane": "checkout", "state": "ok", "started_at": at(0), "ended_at": at(30), "id": ""}]


def test_the_worst_state_wins_and_between_them_all_is_well(web: Web, sink: Sink) -> None:
    warning = anomaly("a", 5, 20, severity="warning", incident_id="w")
    apply(sink, warning, anomaly("b", 8, 10), anomaly("c", 12, 14), anomaly("d", 19, 22))
    assert lane(web, "payments") == [
        ("ok", 0, 5), ("warning", 5, 8), ("critical", 8, 10), ("warning", 10, 12), ("critical", 12, 14),
        ("warning", 14, 19), ("critical", 19, 22), ("ok", 22, 30),
    ]  # fmt: skip


def test_overlapping_anomalies_of_one_incident_are_one_stretch(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", 5, 9), anomaly("b", 7, 12), anomaly("c", 12, 14))
    assert lane(web, "payments") == [("ok", 0, 5), ("critical", 5, 14), ("ok", 14, 30)]


def test_an_open_anomaly_lasts_to_the_end(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(start=20))
    assert lane(web, "payments") == [("ok", 0, 20), ("critical", 20, 30)]


def test_lanes_end_now_for_nobody_knows_the_future(web: Web, sink: Sink) -> None:
    web.now = START + 25 * MINUTE
    apply(sink, anomaly(start=20), injection(start=20, end=40))
    assert lane(web, "payments") == [("ok", 0, 20), ("critical", 20, 25)]
    assert lane(web, "payments · injected") == [("error_surge", 20, 25)]
    assert web.get(f"/api/v1/timeline?from={at(26)}&to={at(30)}") == []


def test_faults_have_a_lane_with_gaps_below_their_service(web: Web, sink: Sink) -> None:
    sink.apply("A", messages([update(service="payments2")]))
    apply(sink, injection("n", 2, 6), injection("m", 4, 5, kind="latency_spike"), injection("o", 10, 12))
    apply(sink, anomaly())
    assert lane(web, "payments · injected") == [
        ("error_surge", 2, 4), ("latency_spike", 4, 5), ("error_surge", 5, 6), ("error_surge", 10, 12),
    ]  # fmt: skip
    lanes = list(dict.fromkeys(row["lane"] for row in web.get(PATH)))
    assert lanes == ["payments", "payments · injected", "payments2"]


def test_a_severity_hides_the_other_and_a_service_the_others(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", 5, 9), anomaly("b", 12, 14, severity="warning"), anomaly("c", service="search"))
    assert lane(web, "payments", "severity=warning&service=payments") == [
        ("ok", 0, 12),
        ("warning", 12, 14),
        ("ok", 14, 30),
    ]
    assert lane(web, "search", "service=payments") == []


def test_without_a_range_the_last_three_hours_are_meant(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(start=-300, end=30))
    (first, _last) = web.get("/api/v1/timeline")
    assert (first["started_at"], first["ended_at"]) == (at(-120), at(30))


def test_rows_are_limited(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(start=5, end=9))
    assert lane(web, "payments", "limit=2") == [("ok", 0, 5), ("critical", 5, 9)]


def test_of_very_many_anomalies_lanes_are_drawn_on_a_raster_that_keeps_the_worst(
    web: Web, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MAX_EXACT", 2)
    monkeypatch.setattr(timeline, "MAX_CELLS", 2 * 6)
    sink.apply("A", messages([update(service="payments")]))
    warnings = [anomaly(f"w{n}", n, n + 1, severity="warning", incident_id="w") for n in (6, 7, 11, 22)]
    apply(sink, *warnings, anomaly("c", 12, 13, incident_id="c"))
    rows = [row for row in web.get(PATH) if row["lane"] == "payments"]
    assert (rows[0]["started_at"], rows[-1]["ended_at"]) == (at(0), at(30))
    assert all(before["ended_at"] == after["started_at"] for before, after in pairwise(rows))
    assert [(row["state"], row["id"]) for row in rows] == [
        ("ok", ""), ("warning", "w"), ("critical", "c"), ("ok", ""), ("warning", "w"), ("ok", ""),
    ]  # fmt: skip
    for row, minutes in zip(rows, (5, 10, 15, 20, 25, 30), strict=True):
        assert row["ended_at"] == pytest.approx(at(minutes), abs=1000)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (10, [("error_surge", 2, 5), ("error_surge", 5, 8), ("latency_spike", 20, 22)]),
        (0, [("error_surge", 2, 8), ("latency_spike", 20, 22)]),
    ],
)
def test_faults_that_overlap_are_one_stretch_of_the_raster(
    web: Web, sink: Sink, monkeypatch: pytest.MonkeyPatch, most: int, expected: list[tuple[str, int, int]]
) -> None:
    monkeypatch.setattr(timeline, "MAX_EXACT", most)
    monkeypatch.setattr(timeline, "MAX_CELLS", 2 * 1_800)
    sink.apply("A", messages([update(service="payments")]))
    apply(sink, injection("n", 2, 6), injection("m", 5, 8), injection("o", 20, 22, kind="latency_spike"))
    rows = [row for row in web.get(PATH) if row["lane"] == "payments · injected"]
    found = [
        (row["state"], *(round((row[end] - at(0)) / 60_000, 1) for end in ("started_at", "ended_at"))) for row in rows
    ]
    assert found == expected


TIMES = st.integers(0, 20)


@st.composite
def intervals_of_any_kind(draw: st.DrawFn) -> list[Interval]:
    spans = draw(st.lists(st.tuples(TIMES, TIMES, TIMES, st.sampled_from("ab"))))
    return [Interval(min(a, b), max(a, b), rank, f"state {rank}", key) for a, b, rank, key in spans]


@given(intervals_of_any_kind())
def test_every_moment_shows_the_highest_rank_once(intervals: list[Interval]) -> None:
    shown = flatten(intervals)
    assert all(before.ended_ms <= after.started_ms for before, after in pairwise(shown))
    for moment in range(20):
        ranks = [each.rank for each in intervals if each.started_ms <= moment < each.ended_ms]
        found = [each.rank for each in shown if each.started_ms <= moment < each.ended_ms]
        assert found == ([max(ranks)] if ranks else [])


@given(intervals_of_any_kind())
def test_no_state_is_cut_into_pieces(intervals: list[Interval]) -> None:
    pieces = [(each.ended_ms, each.state, each.id) for each in flatten(intervals)]
    starts = [(each.started_ms, each.state, each.id) for each in flatten(intervals)]
    assert set(pieces).isdisjoint(starts)
