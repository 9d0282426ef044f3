"""What the detector knows about itself: for ``/health`` and ``/metrics`` of its process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from contracts.metrics import (
    CONSUMER_LAG,
    DETECTOR_SERIES,
    EPISODES_OPEN,
    EXPECTED_ERROR_RATIO,
    EXPECTED_LATENCY,
    EXPECTED_REQUEST_RATE,
    SLA_LATENCY,
    SNAPSHOT_TIME,
    STREAM_TIME,
)
from contracts.topics import AGGREGATED_METRICS
from detector.engine import Engine
from detector.instruments import CONSUMER
from detector.scoring import SECONDS, error_limit, latency_band, traffic_limits
from detector.settings import DetectorSettings
from detector.usual import Usual
from runtime.families import gauge

MOST_SERVICES_NAMED = 200
"""Services with gauges of their own; further ones have none, so that names cannot fill the monitoring."""

SHOWN_FOR = timedelta(minutes=5)
"""A service without requests in this much judged time has no gauges: it has no newest window."""

_P95 = "0.95"
Bands = Mapping[tuple[str, ...], tuple[float, float] | None]
_BOUNDS = ("lower", "upper")


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """What is expected of the next window of a service: a ratio, seconds, and requests per second.

    A band is its lower and its upper bound; None where nothing is known to be usual.
    """

    service: str
    error_ratio: float | None
    latency_seconds: tuple[float, float] | None
    request_rate: tuple[float, float] | None
    sla_seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the engine holds, as of the newest judged window."""

    episodes_open: int
    services_known: int
    limits: tuple[ServiceLimits, ...]


@dataclass
class DetectorState:
    """Written by the loop, read by HTTP threads. None is what is not known yet."""

    reason_unhealthy: str | None = "the detector has not started yet"
    stream_time: datetime | None = None
    lag_records: int | None = None
    snapshot_saved_at: datetime | None = None
    figures: Figures | None = None


def figures_of(engine: Engine, settings: DetectorSettings) -> Figures:
    """Return the figures of an engine; of the services that had requests lately, those known longest have names."""
    shown_since = None if engine.judged_until is None else engine.judged_until - SHOWN_FOR
    recent = (
        (service, past.held)
        for service, past in engine.services.items()
        if shown_since is not None and past.last_seen > shown_since
    )
    limits = tuple(_limits(service, usual, settings) for service, usual in islice(recent, MOST_SERVICES_NAMED))
    return Figures(engine.episodes_open, len(engine.services), limits)


def _limits(service: str, usual: Usual, settings: DetectorSettings) -> ServiceLimits:
    rate = None
    if usual.traffic is not None:
        lower, upper = traffic_limits(usual.traffic, 1, settings)
        rate = (max(0.0, lower) / SECONDS, upper / SECONDS)
    return ServiceLimits(
        service,
        error_limit(usual, settings),
        None if usual.latency is None else latency_band(service, usual.latency, settings),
        rate,
        settings.sla_seconds(service),
    )


class DetectorCollector(Collector):
    """Exposes a ``DetectorState``; what is not known is absent."""

    def __init__(self, state: DetectorState) -> None:
        self._state = state

    def collect(self) -> Iterable[Family]:
        """Return the gauges of this moment."""
        state, figures = self._state, self._state.figures
        yield gauge(CONSUMER_LAG, {(AGGREGATED_METRICS.name, CONSUMER): state.lag_records})
        yield gauge(STREAM_TIME, {(CONSUMER,): _seconds(state.stream_time)})
        yield gauge(SNAPSHOT_TIME, {(): _seconds(state.snapshot_saved_at)})
        yield gauge(EPISODES_OPEN, {(): None if figures is None else figures.episodes_open})
        yield gauge(DETECTOR_SERIES, {(): None if figures is None else figures.services_known})
        limits = () if figures is None else figures.limits
        yield gauge(EXPECTED_ERROR_RATIO, {(each.service, "upper"): each.error_ratio for each in limits})
        latencies: Bands = {(each.service, _P95): each.latency_seconds for each in limits}
        yield gauge(EXPECTED_LATENCY, _bounds(latencies))
        yield gauge(EXPECTED_REQUEST_RATE, _bounds({(each.service,): each.request_rate for each in limits}))
        yield gauge(SLA_LATENCY, {(each.service, _P95): each.sla_seconds for each in limits})


def _bounds(bands: Bands) -> dict[tuple[str, ...], float]:
    known = ((labels, band) for labels, band in bands.items() if band is not None)
    return {(*labels, bound): value for labels, band in known for bound, value in zip(_BOUNDS, band, strict=True)}


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
