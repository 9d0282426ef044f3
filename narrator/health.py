"""What the process measures of itself, and why it is not healthy."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from contracts import metrics
from contracts.metric import Metric
from contracts.summaries import IncidentSummary
from narrator.model import Failure, Outcome
from narrator.question import Result
from narrator.reading import TOPICS
from runtime.families import gauge

CONSUMER = "narrator"
_DURATION_BOUNDS = (0.5, 1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300)
_READ_OUTCOMES = ("applied", "malformed")


class Health:
    """Written by the loop's thread, read by HTTP threads. What has not happened yet is 0 where 0 is known."""

    def __init__(self, timeout_seconds: float) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.reason: str | None = "the topics are not read yet"
        self.lag: Mapping[str, int] = {}
        """Records not read yet by topic, without the topics whose end is not known."""
        self.waiting: int | None = None
        """Incidents that wait for the model; None until the topics were read."""
        self._requests = self._counter(metrics.LLM_REQUESTS, [(outcome.value,) for outcome in Outcome])
        self._failures = self._counter(metrics.LLM_FAILURES, [(failure.value,) for failure in Failure])
        self._published = self._counter(metrics.SUMMARIES_PUBLISHED, [("template",), ("llm",)])
        read = [(topic, CONSUMER, outcome) for topic in TOPICS for outcome in _READ_OUTCOMES]
        self._read = self._counter(metrics.RECORDS_READ, read)
        self._duration = Histogram(
            metrics.LLM_DURATION.name, metrics.LLM_DURATION.meaning, buckets=_DURATION_BOUNDS, registry=self.registry
        )
        limit = Gauge(metrics.LLM_TIMEOUT.name, metrics.LLM_TIMEOUT.meaning, registry=self.registry)
        limit.set(timeout_seconds)
        self.registry.register(_Known(self))

    def count_read(self, topic: str, *, malformed: bool) -> None:
        """Count a record of a topic."""
        self._read.labels(topic, CONSUMER, _READ_OUTCOMES[malformed]).inc()

    def count_published(self, summary: IncidentSummary) -> None:
        """Count a summary that the broker acknowledged."""
        self._published.labels(summary.source).inc()

    def count_result(self, result: Result) -> None:
        """Count what came of a question. The time of one that reached no server says nothing and is left out."""
        self._requests.labels(result.outcome.value).inc()
        if result.failure is not None:
            self._failures.labels(result.failure.value).inc()
        if result.failure is not Failure.UNREACHABLE:
            self._duration.observe(result.seconds)

    def _counter(self, metric: Metric, known: Iterable[tuple[str, ...]]) -> Counter:
        counter = Counter(metric.name, metric.meaning, metric.labels, registry=self.registry)
        for labels in known:
            counter.labels(*labels)
        return counter


class _Known(Collector):
    """Shows the gauges whose values are known."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterable[Family]:
        """Return the gauges of this moment."""
        lag: dict[tuple[str, ...], float | None] = {
            (topic, CONSUMER): records for topic, records in self._health.lag.items()
        }
        return gauge(metrics.CONSUMER_LAG, lag), gauge(metrics.INCIDENTS_WAITING, {(): self._health.waiting})
