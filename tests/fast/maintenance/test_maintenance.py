"""All of maintenance over one store: every job runs, and /metrics shows it without a query."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from contracts.metrics import BY_NAME
from contracts.times import utc_now
from exporters.maintenance.assembly import Maintenance, Sources
from exporters.maintenance.service_answers import Answer
from exporters.maintenance.settings import MaintenanceSettings
from exporters.snapshot import Snapshot
from exporters.store.database import Database
from tests.fast.maintenance.conftest import NOW

JOBS = ("retention", "quality", "analyze", "checkpoint", "health")
Make = Callable[[], Maintenance]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "data.db")
    yield database
    database.close()


@pytest.fixture
def make(database: Database, tmp_path: Path) -> Make:
    answers = {
        "streaming": Answer(NOW, reachable=True, healthy=True),
        "detector": Answer(NOW, reachable=False, healthy=False, reason="nothing listens there"),
        "narrator": None,
    }

    def make() -> Maintenance:
        sources = Sources(
            database=database,
            gate=threading.Lock(),
            path=tmp_path / "data.db",
            snapshot=Snapshot,
            answers=lambda: answers,
            now=utc_now,
            stop=threading.Event(),
            batch_age_seconds=120,
        )
        return Maintenance(MaintenanceSettings(), sources)

    return make


def samples(collector: Collector) -> Samples:
    registry = CollectorRegistry()
    registry.register(collector)
    found = [sample for family in registry.collect() for sample in family.samples]
    keys = [(sample.name, frozenset(sample.labels.items())) for sample in found]
    assert len(set(keys)) == len(keys)
    return {key: sample.value for key, sample in zip(keys, found, strict=True)}


def run_all(maintenance: Maintenance) -> None:
    maintenance.start()
    for asked in [maintenance.schedule.request(name) for name in JOBS]:
        run = asked.result(timeout=10)
        assert run is not None
        assert run.error == ""


def named(found: Samples, name: str, label: str) -> dict[str, float]:
    return {dict(labels)[label]: value for (each, labels), value in found.items() if each == name}


def test_before_anything_ran_only_what_is_known_is_shown(make: Make) -> None:
    with closing(make()) as maintenance:
        names = {name for name, _ in samples(maintenance.collector)}
    assert names == {"maintenance_job_interval_seconds", "service_health"}


def test_every_job_runs_and_shows_it(make: Make) -> None:
    with closing(make()) as maintenance:
        run_all(maintenance)
        found = samples(maintenance.collector)
    for name in ("last_success_timestamp_seconds", "interval_seconds", "last_duration_seconds", "runs_total"):
        assert set(named(found, f"maintenance_job_{name}", "job")) == set(JOBS)
    assert named(found, "health_check_status", "check")["detector"] == 2
    assert set(named(found, "quality_findings", "check").values()) == {0}
    assert named(found, "service_health", "part") == {"streaming": 1, "detector": 0}
    assert 0 < found["store_disk_free_ratio", frozenset()] < 1
    assert found["store_database_size_bytes", frozenset()] > 0


def test_every_name_is_in_the_table_of_metrics_with_its_labels(make: Make) -> None:
    with closing(make()) as maintenance:
        run_all(maintenance)
        for name, labels in samples(maintenance.collector):
            assert {label for label, _ in labels} == set(BY_NAME[name].labels)


def test_counters_and_findings_outlive_the_process(make: Make, database: Database) -> None:
    with closing(make()) as maintenance:
        run_all(maintenance)
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quality_findings SELECT max(started_at), 1, 'gaps', 'warning', 's', 'd', 1"
            " FROM job_runs WHERE job = 'quality'"
        )
    with closing(make()) as maintenance:
        found = samples(maintenance.collector)
        assert set(named(found, "maintenance_job_runs_total", "job").values()) == {1}
        assert named(found, "quality_findings", "check")["gaps"] == 1
        assert named(found, "quality_findings", "check")["nulls"] == 0


def test_a_scrape_needs_no_query(make: Make, database: Database) -> None:
    with closing(make()) as maintenance:
        run_all(maintenance)
        with database.cursor() as cursor:
            cursor.execute("DROP TABLE job_runs")
        assert len(samples(maintenance.collector)) > len(JOBS)


def test_the_report_is_stored_as_it_is_shown(make: Make, database: Database) -> None:
    with closing(make()) as maintenance:
        run_all(maintenance)
        shown = named(samples(maintenance.collector), "health_check_status", "check")
    ranks = {"ok": 0, "warning": 1, "critical": 2}
    with database.cursor() as cursor:
        rows = cursor.execute("SELECT check_name, status FROM health_reports ORDER BY ordinal").fetchall()
    assert {check: ranks[status] for check, status in rows} == shown
    assert rows[0] == ("detector", "critical")
