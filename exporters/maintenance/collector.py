"""``/metrics`` of maintenance: from memory, without a query."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from contracts import metrics
from exporters.maintenance.board import JobState
from exporters.maintenance.service_answers import Answer
from exporters.maintenance.state import MaintenanceState
from runtime.families import gauge


class MaintenanceCollector(Collector):
    """Shows jobs, the last health report, the last findings, the disk and the other services.

    Its counter comes from the tables and outlives the process: register it beside ``LastingCounters``, not behind it.
    """

    def __init__(
        self,
        jobs: Callable[[], list[JobState]],
        state: MaintenanceState,
        answers: Callable[[], Mapping[str, Answer | None]],
    ) -> None:
        self._jobs, self._state, self._answers = jobs, state, answers

    def describe(self) -> list[Family]:
        """Return nothing, so that registering does not scrape."""
        return []

    def collect(self) -> Iterator[Family]:
        """Yield every family; what is unknown is absent."""
        jobs = self._jobs()
        yield gauge(metrics.JOB_INTERVAL, {(job.name,): job.interval.total_seconds() for job in jobs})
        yield gauge(
            metrics.JOB_LAST_SUCCESS, {(job.name,): job.last_success.timestamp() for job in jobs if job.last_success}
        )
        yield gauge(metrics.JOB_DURATION, {(job.name,): job.last_run.duration_seconds for job in jobs if job.last_run})
        runs = CounterMetricFamily(metrics.JOB_RUNS.name, metrics.JOB_RUNS.meaning, labels=metrics.JOB_RUNS.labels)
        for job in jobs:
            for outcome, count in job.runs.items():
                runs.add_metric((job.name, outcome), count)
        yield runs
        yield from self._found()
        answers = {part: answer for part, answer in self._answers().items() if answer is not None}
        yield gauge(metrics.SERVICE_UP, {(part,): float(answer.healthy) for part, answer in answers.items()})

    def _found(self) -> Iterator[Family]:
        report, findings, storage = self._state.report, self._state.findings, self._state.storage
        # Sorted, so that of two verdicts of one name the worse is shown.
        verdicts = sorted(report or (), key=lambda verdict: verdict.status.rank)
        yield gauge(metrics.HEALTH_STATUS, {(verdict.check,): float(verdict.status.rank) for verdict in verdicts})
        yield gauge(metrics.QUALITY_FINDINGS, {(check.value,): float(n) for check, n in (findings or {}).items()})
        if storage is not None:
            yield gauge(metrics.DISK_FREE, {(): storage.free_ratio})
            if storage.database_bytes is not None:
                yield gauge(metrics.DATABASE_SIZE, {(): float(storage.database_bytes)})
