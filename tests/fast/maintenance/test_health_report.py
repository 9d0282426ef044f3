"""Each check of the health report says what is wrong, how much, and what to do."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from exporters.maintenance.board import JobState
from exporters.maintenance.health import CHECKS
from exporters.maintenance.health_report import HealthCheck, HealthLimits, Moment, verdicts
from exporters.maintenance.service_answers import Answer
from exporters.maintenance.state import Storage
from exporters.snapshot import Snapshot
from exporters.store.figures import Figures, WindowFigures
from exporters.store.findings import Check
from exporters.store.health_reports import Status, Verdict
from exporters.store.job_runs import JobRun
from tests.fast.maintenance.conftest import NOW

LIMITS = HealthLimits(
    lag_records=1_000,
    freshness_seconds=300,
    batch_age_seconds=120,
    disk_warning_ratio=0.15,
    disk_critical_ratio=0.05,
)
SECOND = timedelta(seconds=1)
ROOMY = Storage(free_ratio=0.5, free_bytes=500_000_000_000, database_bytes=175_000_000)
UP = Answer(NOW, reachable=True, healthy=True, ever_reachable=True)
DOWN = Answer(NOW, reachable=False, healthy=False, reason="nothing listens there")
STREAMING = replace(UP, lag={("raw_events", "streaming"): 12}, freshness_seconds=2.0, trigger_seconds=5.0)
FINE = Moment(
    NOW,
    Snapshot(NOW, NOW, None, NOW, {"aggregated_metrics": 3}, Figures(newest_batch_at=NOW - 4 * SECOND)),
    {
        "streaming": STREAMING,
        "detector": replace(UP, stream_time=NOW - 90 * SECOND),
        "narrator": replace(UP, model_requests={"ok": 3, "timeout": 1}),
        "generator": UP,
    },
    [JobState("quality", timedelta(hours=6), NOW)],
    dict.fromkeys(Check, 0),
    lambda: ROOMY,
)


def told(moment: Moment) -> dict[str, tuple[str, str]]:
    """Return what is not ok, by check: status and value."""
    found = verdicts(CHECKS, moment, LIMITS)
    assert all(verdict.detail.endswith((".", "?")) and verdict.value for verdict in found)
    return {verdict.check: (verdict.status, verdict.value) for verdict in found if verdict.status is not Status.OK}


def with_part(part: str, answer: Answer | None) -> Moment:
    return replace(FINE, answers={**FINE.answers, part: answer})


def with_snapshot(**changed: object) -> Moment:
    return replace(FINE, snapshot=replace(FINE.snapshot, **changed))  # type: ignore[arg-type]


def test_a_platform_in_order_is_ok_in_every_check() -> None:
    assert told(FINE) == {}
    values = {verdict.check: verdict.value for verdict in verdicts(CHECKS, FINE, LIMITS)}
    assert values == {
        "freshness": "2 s",
        "batch_age": "4 s",
        "lag_exporters_aggregated_metrics": "3 records",
        "lag_streaming_raw_events": "12 records",
        "streaming": "healthy",
        "detector": "healthy",
        "narrator": "healthy",
        "generator": "healthy",
        "disk_free": "50 %",
        "database_size": "175.0 MB",
        "data_quality": "0 findings",
        "jobs": "1 on time",
        "language_model": "3 of 4 used",
    }


def test_a_platform_that_has_just_started_is_unknown_and_not_broken() -> None:
    parts = dict.fromkeys(("streaming", "detector", "narrator", "generator"))
    just_started = replace(FINE, snapshot=Snapshot(), answers=parts, findings=None)
    unknown = ("freshness", "batch_age", "streaming", "detector", "narrator")
    assert told(just_started) == dict.fromkeys(unknown, ("warning", "unknown"))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (with_part("streaming", replace(STREAMING, freshness_seconds=60.0)), {}),
        (with_part("streaming", replace(STREAMING, freshness_seconds=61.0)), {"freshness": ("warning", "61 s")}),
        (with_part("streaming", replace(STREAMING, freshness_seconds=301.0)), {"freshness": ("critical", "301 s")}),
        (with_snapshot(caught_up_at=NOW - 400 * SECOND), {"freshness": ("critical", "400 s")}),
    ],
)
def test_freshness_is_that_of_the_part_that_is_furthest_behind(
    moment: Moment, expected: dict[str, tuple[str, str]]
) -> None:
    assert told(moment) == expected


@pytest.mark.parametrize(("lag", "status"), [(5, "critical"), (0, "warning"), (None, "critical")])
def test_an_old_batch_is_critical_unless_nobody_sends_events(lag: int | None, status: str) -> None:
    streaming = replace(STREAMING, lag={} if lag is None else {("raw_events", "streaming"): lag})
    moment = replace(
        with_snapshot(figures=Figures(newest_batch_at=NOW - 121 * SECOND)),
        answers={**FINE.answers, "streaming": streaming},
    )
    assert told(moment) == {"batch_age": (status, "121 s")}


def test_a_lag_above_the_limit_names_consumer_and_topic() -> None:
    assert told(with_snapshot(lag={"dead_letters": 1_000, "anomalies": 1_001})) == {
        "lag_exporters_anomalies": ("warning", "1001 records")
    }


@pytest.mark.parametrize(("records", "behind"), [(15_000, False), (15_001, True)])
def test_what_arrives_between_a_few_triggers_is_no_lag(records: int, behind: bool) -> None:
    windows = (WindowFigures("a", 600.0, 0.0, {}), WindowFigures("b", 400.0, 0.0, {}))
    busy = replace(FINE.snapshot.figures, windows=windows)
    streaming = replace(STREAMING, lag={("raw_events", "streaming"): records})
    moment = replace(with_snapshot(figures=busy), answers={**FINE.answers, "streaming": streaming})
    expected = {"lag_streaming_raw_events": ("warning", f"{records} records")} if behind else {}
    assert told(moment) == expected


@pytest.mark.parametrize(
    ("part", "status"), [("streaming", "critical"), ("detector", "critical"), ("narrator", "warning")]
)
def test_a_service_that_is_down_or_unhealthy_says_why(part: str, status: str) -> None:
    assert told(with_part(part, DOWN))[part] == (status, "down")
    unhealthy = with_part(part, replace(UP, healthy=False, reason="waiting for Kafka"))
    assert told(unhealthy)[part] == (status, "unhealthy")
    (verdict,) = [each for each in verdicts(CHECKS, unhealthy, LIMITS) if each.check == part]
    assert verdict.detail.startswith("Waiting for Kafka. Start it, or read its log")


@pytest.mark.parametrize(("seconds", "ready"), [(120, True), (121, False)])
def test_a_detector_that_is_behind_in_stream_time_is_critical(seconds: int, ready: bool) -> None:
    moment = with_part("detector", replace(UP, stream_time=NOW - seconds * SECOND))
    assert told(moment) == ({} if ready else {"detector": ("critical", "unhealthy")})


def test_a_detector_without_stream_time_is_critical_once_there_is_one() -> None:
    assert told(with_part("detector", UP)) == {"detector": ("critical", "unhealthy")}
    assert told(replace(with_part("detector", UP), snapshot=replace(FINE.snapshot, stream_time=None))) == {}


def test_a_generator_that_never_answered_is_no_trouble_and_one_that_went_away_is() -> None:
    assert told(with_part("generator", DOWN)) == {}
    assert told(with_part("generator", replace(DOWN, ever_reachable=True))) == {"generator": ("warning", "down")}


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (0.15, {}),
        (0.149, {"disk_free": ("warning", "15 %")}),
        (0.05, {"disk_free": ("warning", "5 %")}),
        (0.049, {"disk_free": ("critical", "5 %")}),
    ],
)
def test_a_disk_that_fills_up_warns_before_it_is_full(ratio: float, expected: dict[str, tuple[str, str]]) -> None:
    assert told(replace(FINE, storage=lambda: replace(ROOMY, free_ratio=ratio))) == expected


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ({Check.OUTLIERS: 4}, {}),
        ({Check.OUTLIERS: 4, Check.GAPS: 2}, {"data_quality": ("warning", "2 findings")}),
        ({Check.GAPS: 2, Check.NULLS: 1}, {"data_quality": ("critical", "3 findings")}),
    ],
)
def test_findings_count_by_their_severity(findings: dict[Check, int], expected: dict[str, tuple[str, str]]) -> None:
    assert told(replace(FINE, findings=findings)) == expected


def test_jobs_that_are_overdue_or_failed_are_named() -> None:
    failed = JobRun("retention", "schedule", NOW, 1.0, "failed", "OSError: no room")
    jobs = [
        JobState("quality", timedelta(hours=6), NOW - timedelta(hours=10)),
        JobState("retention", timedelta(hours=6), NOW, last_success=NOW, last_run=failed),
        JobState("health", timedelta(minutes=5), NOW - timedelta(hours=10), running=True),
    ]
    moment = replace(FINE, jobs=jobs)
    assert told(moment) == {"jobs": ("warning", "1 overdue, 1 failed")}
    detail = verdicts(CHECKS, moment, LIMITS)[0].detail
    assert detail.startswith("quality is overdue; retention failed: OSError: no room.")


def test_a_check_that_raises_is_critical_and_the_others_go_on(tmp_path: Path) -> None:
    missing = tmp_path / "gone" / "data.db"
    found = verdicts(CHECKS, replace(FINE, storage=lambda: Storage.of(missing)), LIMITS)
    assert [verdict.check for verdict in found][:2] == ["disk_free", "database_size"]
    assert {verdict.status for verdict in found[:2]} == {Status.CRITICAL}
    assert "FileNotFoundError" in found[0].detail
    assert len(found) == len(verdicts(CHECKS, FINE, LIMITS))


def test_the_worst_comes_first_and_the_rest_keeps_its_order() -> None:
    def says(name: str, status: Status) -> HealthCheck:
        return HealthCheck(name, lambda _moment, _limits: [Verdict(name, status, "1", "Said.")])

    order = [("a", Status.OK), ("b", Status.CRITICAL), ("c", Status.WARNING), ("d", Status.CRITICAL), ("e", Status.OK)]
    found = verdicts([says(*each) for each in order], FINE, LIMITS)
    assert [verdict.check for verdict in found] == ["b", "d", "c", "a", "e"]
