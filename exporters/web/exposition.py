"""``/metrics``: the snapshot as Prometheus sees it, without a query."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from contracts import metrics
from contracts.anomalies import AnomalyType
from contracts.metric import Kind, Metric
from contracts.metrics import BY_NAME
from exporters.snapshot import Snapshot
from exporters.store.budget_figures import BudgetFigure
from exporters.store.detection_figures import DetectionFigures
from exporters.store.figures import CLASSIC_INDEXES, CounterFigure, Figures, SeriesFigures, WindowFigures
from exporters.store.injection_queries import Outcome
from runtime.families import gauge, gauge_family

CONSUMER = "exporters"
BOUNDS = (*(str(2.0 ** (index / 2)) for index in CLASSIC_INDEXES), "+Inf")
"""The label ``le`` of each classic bucket."""


class SnapshotCollector(Collector):
    """Turns the newest snapshot into metric families at each scrape."""

    def __init__(self, snapshot: Callable[[], Snapshot], now: Callable[[], datetime]) -> None:
        self._snapshot = snapshot
        self._now = now

    def describe(self) -> list[Family]:
        """Return nothing, so that registering does not scrape."""
        return []

    def collect(self) -> Iterator[Family]:
        """Yield every family that has a value; what is unknown is absent."""
        snapshot, now = self._snapshot(), self._now()
        yield from _series_families(snapshot.figures.series)
        yield from _window_families(snapshot.figures.windows)
        yield from _counter_families(snapshot.figures.counters)
        yield from _incident_families(snapshot.figures)
        yield from _budget_families(snapshot.figures.budgets)
        yield from _detection_families(snapshot.figures.detection)
        yield from _position_families(snapshot, now)


def _counter(metric: Metric) -> CounterMetricFamily:
    return CounterMetricFamily(metric.name, metric.meaning, labels=metric.labels)


def _series_families(series: tuple[SeriesFigures, ...]) -> Iterator[Family]:
    requests, errors = _counter(metrics.SERVICE_REQUESTS), _counter(metrics.SERVICE_ERRORS)
    latency = HistogramMetricFamily(
        metrics.SERVICE_LATENCY.name, metrics.SERVICE_LATENCY.meaning, labels=metrics.SERVICE_LATENCY.labels
    )
    for figures in series:
        labels = [figures.service, figures.endpoint]
        requests.add_metric(labels, figures.requests)
        errors.add_metric(labels, figures.errors)
        latency.add_metric(labels, list(zip(BOUNDS, figures.cumulative, strict=True)), figures.latency_sum_seconds)
    yield from (requests, errors, latency)


def _window_families(windows: tuple[WindowFigures, ...]) -> Iterator[Family]:
    rate, ratio = gauge_family(metrics.WINDOW_RATE), gauge_family(metrics.WINDOW_ERROR_RATIO)
    latency = gauge_family(metrics.WINDOW_LATENCY)
    for window in windows:
        rate.add_metric([window.service], window.requests_per_second)
        ratio.add_metric([window.service], window.error_ratio)
        for quantile, seconds in window.latency_seconds.items():
            latency.add_metric([window.service, quantile], seconds)
    yield from (rate, ratio, latency)


def _counter_families(counters: tuple[CounterFigure, ...]) -> Iterator[Family]:
    families: dict[str, CounterMetricFamily] = {}
    for counter in counters:
        metric = BY_NAME.get(counter.name)
        if metric is not None and metric.kind is Kind.COUNTER:
            family = families.setdefault(metric.name, _counter(metric))
            family.add_metric([counter.labels[label] for label in metric.labels], counter.value)
    yield from families.values()
    yield from _duration_family(counters)


def _duration_family(counters: tuple[CounterFigure, ...]) -> Iterator[Family]:
    metric = metrics.BATCH_DURATION
    buckets = {c.labels["le"]: c.value for c in counters if c.name == f"{metric.name}_bucket"}
    total = [c.value for c in counters if c.name == f"{metric.name}_sum"]
    if total:
        family = HistogramMetricFamily(metric.name, metric.meaning)
        family.add_metric([], sorted(buckets.items(), key=lambda bucket: float(bucket[0])), total[0])
        yield family


def _incident_families(figures: Figures) -> Iterator[Family]:
    active, incidents = gauge_family(metrics.ANOMALIES_ACTIVE), gauge_family(metrics.INCIDENTS_OPEN)
    for kind in figures.active_anomalies:
        active.add_metric([kind.service, kind.anomaly_type, kind.severity], kind.anomalies)
    for severity, open_incidents in figures.open_incidents.items():
        incidents.add_metric([severity], open_incidents)
    yield from (active, incidents)


def _budget_families(budgets: tuple[BudgetFigure, ...]) -> Iterator[Family]:
    objective, remaining = gauge_family(metrics.SLO_OBJECTIVE), gauge_family(metrics.SLO_BUDGET_REMAINING)
    for budget in budgets:
        objective.add_metric([budget.service], budget.objective)
        if budget.remaining is not None:
            remaining.add_metric([budget.service], budget.remaining)
    yield from (objective, remaining)


def _detection_families(detection: DetectionFigures | None) -> Iterator[Family]:
    score = None if detection is None else detection.score
    if score is None:
        return
    every = ((kind, outcome) for kind in AnomalyType for outcome in Outcome)
    yield gauge(metrics.DETECTION_INJECTIONS, {each: score.outcomes.get(each, 0) for each in every})
    yield gauge(metrics.DETECTION_RECALL, {(): score.recall})
    yield gauge(metrics.DETECTION_FALSE_ALARMS, {(): score.false_alarms})
    delays = {"0.5": score.median_delay_seconds, "0.95": score.delay_seconds(0.95)}
    yield gauge(metrics.DETECTION_DELAY, {(quantile,): seconds for quantile, seconds in delays.items()})


def _position_families(snapshot: Snapshot, now: datetime) -> Iterator[Family]:
    lag = gauge_family(metrics.CONSUMER_LAG)
    for topic, records in snapshot.lag.items():
        lag.add_metric([topic, CONSUMER], records)
    yield lag
    freshness = snapshot.freshness_seconds(now)
    if freshness is not None:
        yield _single(metrics.FRESHNESS, [], freshness)
    if snapshot.stream_time is not None:
        yield _single(metrics.STREAM_TIME, [CONSUMER], snapshot.stream_time.timestamp())


def _single(metric: Metric, labels: list[str], value: float) -> Family:
    family = gauge_family(metric)
    family.add_metric(labels, value)
    return family
