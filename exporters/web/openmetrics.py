"""``/api/v1/openmetrics``: the past of what ``/metrics`` shows of services, as OpenMetrics text with timestamps.

Samples are those that scrapes every 15 s would have seen before this process began to show services; from then on
Prometheus has its own. It is the format that ``promtool tsdb create-blocks-from openmetrics`` reads, too.
Source: github.com/prometheus/OpenMetrics, specification 1.0.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from contracts import metrics
from contracts.metric import Kind, Metric
from contracts.times import to_epoch_ms
from exporters.store.figures import WindowFigures
from exporters.store.past import Past, scraped_ms
from exporters.store.past_counters import ERRORS, LATENCY, REQUESTS, PastCounters, past_counters
from exporters.store.past_states import PastState, past_anomalies, past_budgets
from exporters.store.past_windows import kept, past_windows
from exporters.store.pool import CursorPool
from exporters.store.selection import Span
from exporters.web.catch_up import CatchUp, Shown
from exporters.web.errors import ParameterError, error_response
from exporters.web.exposition import BOUNDS
from exporters.web.filters import DEFAULT_RANGE
from exporters.web.parameters import Parameters

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
UNTIL_HEADER = "Samples-Until-Ms"
"""Epoch milliseconds after which there are no samples, because Prometheus can have scraped its own."""

LONGEST = timedelta(days=1)
"""What one answer holds at most, because samples of a whole series are in memory at a time."""

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_TYPES = {Kind.UNTYPED: "unknown"}
_SUFFIX = "_total"


def openmetrics_blueprint(pool: CursorPool, catch_up: CatchUp) -> Blueprint:
    """Return the route."""
    api = Blueprint("openmetrics", __name__, url_prefix="/api/v1")

    @api.get("/openmetrics")
    def openmetrics() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "job", "instance"))
        shown = catch_up.shown()
        if shown is None:
            message = "the store is being filled with what happened meanwhile: ask again"
            return error_response(HTTPStatus.SERVICE_UNAVAILABLE, "catching_up", message)
        until_ms = to_epoch_ms(shown.until)
        past = kept(pool, _past(asked.span(DEFAULT_RANGE, until_ms), until_ms))
        target = {name: request.args[name] for name in ("instance", "job") if name in request.args}
        lines = PastText(pool, past, shown, target).lines()
        return Response(lines, content_type=CONTENT_TYPE, headers={UNTIL_HEADER: str(until_ms)})

    return api


def _past(span: Span, until_ms: int) -> Past:
    to_ms = min(span.to_ms, until_ms)
    if to_ms - span.from_ms > LONGEST // timedelta(milliseconds=1):
        raise ParameterError("from and to are at most a day apart: ask for one part after the other")
    return Past.of_scrapes(span.from_ms, to_ms)


@dataclass(frozen=True, slots=True)
class PastText:
    """The text of a past; ``target`` are labels that every sample gets.

    The last family is there only when everything before it is: who stores the samples in order can see from it how
    far they are stored.
    """

    pool: CursorPool
    past: Past
    shown: Shown
    target: Mapping[str, str]

    def lines(self) -> Iterator[str]:
        """Yield the text in pieces, with a few series in memory at a time."""
        stream_time = self.shown.snapshot.stream_time
        if stream_time is not None and self.past.moments:
            yield from self._windows(metrics.WINDOW_RATE, lambda window: {(): window.requests_per_second})
            yield from self._windows(metrics.WINDOW_ERROR_RATIO, lambda window: {(): window.error_ratio})
            yield from self._windows(metrics.WINDOW_LATENCY, _quantiles)
            yield from self._states(metrics.ANOMALIES_ACTIVE, past_anomalies(self.pool, self.past, self._services))
            yield from self._states(metrics.SLO_OBJECTIVE, self._objectives())
            reached_ms = to_epoch_ms(stream_time)
            yield from self._counter(metrics.SERVICE_REQUESTS, REQUESTS, reached_ms)
            yield from self._counter(metrics.SERVICE_ERRORS, ERRORS, reached_ms)
            yield from self._latency(reached_ms)
            yield from self._states(metrics.SLO_BUDGET_REMAINING, self._budgets())
        yield "# EOF\n"

    @property
    def _services(self) -> list[str]:
        return [budget.service for budget in self.shown.snapshot.figures.budgets]

    def _windows(
        self, metric: Metric, values: Callable[[WindowFigures], Mapping[tuple[str, ...], float]]
    ) -> Iterator[str]:
        yield _family(metric)
        for windows in past_windows(self.pool, self.past, self._services):
            # One series after the other, as the format wants it.
            curves: dict[tuple[str, ...], list[tuple[int, float]]] = {}
            for at_ms, window in windows.samples:
                for labels, value in values(window).items():
                    curves.setdefault(labels, []).append((at_ms, value))
            for labels, samples in curves.items():
                prefix = self._prefix(metric.name, metric.labels, (windows.service, *labels))
                yield "".join(_line(prefix, value, at_ms) for at_ms, value in samples)

    def _states(self, metric: Metric, states: Iterable[PastState]) -> Iterator[str]:
        yield _family(metric)
        for state in states:
            prefix = self._prefix(metric.name, metric.labels, state.labels)
            yield "".join(_line(prefix, value, at_ms) for at_ms, value in state.samples)

    def _objectives(self) -> Iterator[PastState]:
        """An objective is as at present: what it was is not kept."""
        for budget in self.shown.snapshot.figures.budgets:
            yield PastState((budget.service,), [(at_ms, budget.objective) for at_ms in self.past.moments])

    def _budgets(self) -> Iterator[PastState]:
        return past_budgets(self.pool, self.past, self.shown.snapshot.figures.budgets)

    def _counter(self, metric: Metric, part: slice, reached_ms: int) -> Iterator[str]:
        yield _family(metric)
        for series in self._series(part, reached_ms):
            prefix = self._prefix(metric.name, metric.labels, (series.service, series.endpoint))
            yield "".join(_line(prefix, count, at_ms) for at_ms, (count,) in series.samples)

    def _latency(self, reached_ms: int) -> Iterator[str]:
        metric = metrics.SERVICE_LATENCY
        yield _family(metric)
        for series in self._series(LATENCY, reached_ms):
            values = series.service, series.endpoint
            buckets = [
                self._prefix(f"{metric.name}_bucket", (*metric.labels, "le"), (*values, bound)) for bound in BOUNDS
            ]
            count, total = (self._prefix(f"{metric.name}_{name}", metric.labels, values) for name in ("count", "sum"))
            for at_ms, (seconds, *cumulative) in series.samples:
                pairs = [*zip(buckets, cumulative, strict=True), (count, cumulative[-1]), (total, seconds)]
                yield "".join(_line(prefix, value, at_ms) for prefix, value in pairs)

    def _series(self, part: slice, reached_ms: int) -> Iterator[PastCounters]:
        shown = {(figures.service, figures.endpoint): figures for figures in self.shown.snapshot.figures.series}
        return past_counters(self.pool, self.past, shown, reached_ms, part)

    def _prefix(self, name: str, labels: Iterable[str], values: Iterable[str]) -> str:
        pairs = [*zip(labels, values, strict=True), *self.target.items()]
        text = ",".join(f'{label}="{value.translate(_ESCAPES)}"' for label, value in pairs)
        return f"{name}{{{text}}} "


def _quantiles(window: WindowFigures) -> Mapping[tuple[str, ...], float]:
    return {(quantile,): seconds for quantile, seconds in window.latency_seconds.items()}


def _family(metric: Metric) -> str:
    name = metric.name.removesuffix(_SUFFIX) if metric.kind is Kind.COUNTER else metric.name
    return f"# TYPE {name} {_TYPES.get(metric.kind, metric.kind.value)}\n# HELP {name} {metric.meaning}\n"


def _line(prefix: str, value: float, moment_ms: int) -> str:
    return f"{prefix}{value} {scraped_ms(moment_ms) / 1000:.3f}\n"
