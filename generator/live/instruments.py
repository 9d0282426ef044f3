"""What the live generator measures of itself."""

from collections import Counter as Counts
from collections.abc import Callable, Iterator, Mapping
from itertools import product

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from contracts import metrics
from contracts.anomalies import AnomalyType
from contracts.event import Reason
from contracts.injections import Injection
from contracts.metric import Metric
from generator.account import Kind
from generator.live.catalog import SERVICE_NAMES
from runtime.families import gauge


class Instruments(Collector):
    """The live metrics of one process, in a registry of their own. ``behind_seconds`` is None until it is known."""

    def __init__(self, rate: float, running: Callable[[], list[Injection]]) -> None:
        """Prepare.

        Args:
            rate: events per second that were asked for.
            running: the faults that run at this moment.
        """
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.behind_seconds: float | None = None
        self._rate, self._running = rate, running
        self._sent = self._counter(metrics.MESSAGES_SENT)
        self._failed = self._counter(metrics.MESSAGES_FAILED)
        self._injections = self._counter(metrics.INJECTIONS_STARTED)
        self.registry.register(self)

    def count_acknowledged(self, numbers: Mapping[Kind | Reason, int]) -> None:
        """Count messages that the broker acknowledged, by what the platform must make of them."""
        for kind, number in numbers.items():
            self._sent.labels(str(kind) if isinstance(kind, Kind) else "broken").inc(number)

    def count_failed(self, number: int) -> None:
        """Count messages that were not acknowledged."""
        self._failed.inc(number)

    def count_injection(self, injection: Injection) -> None:
        """Count a fault that began."""
        self._injections.labels(injection.service, injection.kind).inc()

    def collect(self) -> Iterator[Family]:
        """Yield the gauges of this moment."""
        yield gauge(metrics.GENERATOR_RATE, {(): self._rate})
        yield gauge(metrics.GENERATOR_BEHIND, {(): self.behind_seconds})
        active = Counts((injection.service, injection.kind) for injection in self._running())
        yield gauge(metrics.INJECTIONS_ACTIVE, {each: active[each] for each in product(SERVICE_NAMES, AnomalyType)})

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.meaning, metric.labels, registry=self.registry)
