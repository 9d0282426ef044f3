"""What this process measures of itself: query times, cursors in use, answers by status."""

from collections.abc import Callable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.registry import Collector

from contracts import metrics
from runtime.lasting_counters import LastingCounters

_QUERY_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Instruments:
    """The live metrics of one process, in a registry of their own; ``shown`` is what of them is exposed."""

    def __init__(self, counters_file: Path | None = None) -> None:
        """Start counting.

        Args:
            counters_file: where the counts outlive the process; without one they begin at 0.
        """
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.shown: Collector = (
            self.registry if counters_file is None else LastingCounters(self.registry, counters_file)
        )
        self._queries = Histogram(
            metrics.QUERY_DURATION.name,
            metrics.QUERY_DURATION.meaning,
            metrics.QUERY_DURATION.labels,
            buckets=_QUERY_BOUNDS,
            registry=self.registry,
        )
        self._answers = Counter(
            metrics.HTTP_REQUESTS.name,
            metrics.HTTP_REQUESTS.meaning,
            metrics.HTTP_REQUESTS.labels,
            registry=self.registry,
        )

    def observe_query(self, query: str, seconds: float) -> None:
        """Count a query and its time in seconds."""
        self._queries.labels(query).observe(seconds)

    def count_answer(self, path: str, status: int) -> None:
        """Count an answer by the pattern of its route and its status."""
        self._answers.labels(path, str(status)).inc()

    def watch_cursors(self, active: Callable[[], int], most: int) -> None:
        """Show how many cursors are in use, and how many there are."""
        in_use = Gauge(
            metrics.DB_CONNECTIONS_ACTIVE.name, metrics.DB_CONNECTIONS_ACTIVE.meaning, registry=self.registry
        )
        in_use.set_function(active)
        limit = Gauge(metrics.DB_CONNECTIONS_MAX.name, metrics.DB_CONNECTIONS_MAX.meaning, registry=self.registry)
        limit.set(most)
