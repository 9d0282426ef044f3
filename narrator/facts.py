"""Everything that an account may state: the numbers, moments and names of the evidence, by unit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.anomalies import Anomaly, AnomalyType, EvidenceEndpoint, EvidenceWindow, MetricName
from contracts.times import WINDOW
from narrator.figures import bad_minutes, failed_in_worst, failure_shares, quotient, times_usual
from narrator.wording import clock, name, per_minute

_SECONDS = WINDOW.total_seconds()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known, for looking up. ``percents`` are in percent, ``rates`` in requests per second.

    ``places`` are ``service endpoint``. ``names`` are services, endpoints and the paths in endpoints, as the narrator
    writes them. One with a space is none of them: an endpoint may be called ``99 % of requests``.
    """

    percents: frozenset[float]
    seconds: frozenset[float]
    rates: frozenset[float]
    minutes: frozenset[float]
    factors: frozenset[float]
    counts: frozenset[float]
    clocks: frozenset[str]
    dates: frozenset[str]
    services: frozenset[str]
    places: frozenset[str]
    names: frozenset[str]


def facts_of(anomalies: Sequence[Anomaly]) -> Facts:
    """Return what the evidence of these anomalies holds, and what follows from it by one step of arithmetic.

    One step is: a share of a total, a rate of a window, a multiple of what is usual or the distance from it, the
    length of a deviation, a number of things listed.
    """
    minutes = {1.0} | {float(number) for one in anomalies for number in _minutes(one)} | {_length(anomalies)}
    endpoints = {name(one.endpoint) for anomaly in anomalies for one in anomaly.evidence.endpoints}
    services = {name(service) for one in anomalies for service in _service_names(one)}
    endpoints |= {name(one.endpoint) for one in anomalies if one.endpoint}
    moments = [moment for one in anomalies for moment in _moments(one)]
    counts = {number for one in anomalies for number in _counts(one)} | _numbers_of_things(anomalies)
    return Facts(
        percents=frozenset(100 * ratio for one in anomalies for ratio in _ratios(one)),
        seconds=frozenset({s for one in anomalies for s in _latencies(one)} | {m * _SECONDS for m in minutes}),
        rates=frozenset(rate for one in anomalies for rate in _rates(one)),
        minutes=frozenset(minutes),
        factors=frozenset(factor for one in anomalies for factor in _factors(one)),
        counts=frozenset(float(number) for number in counts),
        clocks=frozenset(clock(moment) for moment in moments),
        dates=frozenset(f"{moment:%Y-%m-%d}" for moment in moments),
        services=frozenset(services),
        places=frozenset(place for one in anomalies for place in _places(one)),
        names=frozenset(one for one in services | endpoints if " " not in one)
        | {part for one in endpoints for part in one.split() if "/" in part},
    )


def _service_names(anomaly: Anomaly) -> list[str]:
    return [anomaly.service, *(other.service for other in anomaly.evidence.services)]


def _places(anomaly: Anomaly) -> Iterator[str]:
    endpoints = [one.endpoint for one in anomaly.evidence.endpoints] + [anomaly.endpoint] * bool(anomaly.endpoint)
    for endpoint in endpoints:
        yield f"{name(anomaly.service)} {name(endpoint)}"


def _values(anomaly: Anomaly) -> Iterator[float]:
    """The measured, usual and limiting values, in the unit of the anomaly's metric."""
    known: list[float | None] = [anomaly.metric_value, anomaly.baseline_value, anomaly.threshold_value]
    known += [value for one in anomaly.evidence.windows for value in (one.value, one.expected, one.threshold)]
    return (value for value in known if value is not None)


def _parts(anomaly: Anomaly) -> tuple[EvidenceWindow | EvidenceEndpoint, ...]:
    return (*anomaly.evidence.windows, *anomaly.evidence.endpoints)


def _ratios(anomaly: Anomaly) -> Iterator[float]:
    if anomaly.metric_name is MetricName.ERROR_RATIO:
        yield from _values(anomaly)
        yield from (share for _, share in failure_shares(anomaly))
    for part in _parts(anomaly):
        if part.requests > 0:
            yield part.errors / part.requests
    for other in anomaly.evidence.services:
        yield from _known(other.error_ratio, other.usual_error_ratio)
    factor = times_usual(anomaly)
    if factor is not None:
        yield abs(1 - factor)
    if anomaly.anomaly_type is AnomalyType.LATENCY_SPIKE:
        yield from (0.05, 0.95)


def _latencies(anomaly: Anomaly) -> Iterator[float]:
    if anomaly.metric_name is MetricName.LATENCY_P95:
        yield from _values(anomaly)
    yield from _known(*(part.latency_p95_seconds for part in _parts(anomaly)))
    for other in anomaly.evidence.services:
        yield from _known(other.latency_p95_seconds, other.usual_latency_p95_seconds)


def _rates(anomaly: Anomaly) -> Iterator[float]:
    if anomaly.metric_name is MetricName.REQUEST_RATE:
        yield from _values(anomaly)
    yield from (part.requests / _SECONDS for part in _parts(anomaly))
    yield from (other.requests / _SECONDS for other in anomaly.evidence.services)


def _factors(anomaly: Anomaly) -> Iterator[float]:
    yield from _known(times_usual(anomaly))
    for other in anomaly.evidence.services:
        yield from _known(quotient(other.error_ratio, other.usual_error_ratio))
        yield from _known(quotient(other.latency_p95_seconds, other.usual_latency_p95_seconds))


def _counts(anomaly: Anomaly) -> Iterator[int]:
    yield anomaly.evidence.sample_size
    for part in _parts(anomaly):
        yield from (part.requests, part.errors)
    yield from (other.requests for other in anomaly.evidence.services)
    if anomaly.metric_name is MetricName.ERROR_RATIO:
        yield failed_in_worst(anomaly)
    if anomaly.metric_name is MetricName.REQUEST_RATE:
        yield from (per_minute(value) for value in _values(anomaly))


def _numbers_of_things(anomalies: Sequence[Anomaly]) -> set[int]:
    """How many anomalies and services there are, and how many the evidence lists of each kind."""
    services = {one.service for one in anomalies}
    listed = {len(one.evidence.endpoints) for one in anomalies} | {len(one.evidence.services) for one in anomalies}
    return {len(anomalies), len(services), len(services) - 1} | listed


def _minutes(anomaly: Anomaly) -> tuple[int, int]:
    return bad_minutes(anomaly), len(anomaly.evidence.windows)


def _length(anomalies: Sequence[Anomaly]) -> float:
    """How long the incident was at this moment, in minutes."""
    return (max(one.window_end for one in anomalies) - min(one.window_start for one in anomalies)) / WINDOW


def _moments(anomaly: Anomaly) -> Iterator[datetime]:
    yield from (anomaly.window_start, anomaly.window_end, anomaly.detected_at)
    for one in anomaly.evidence.windows:
        yield from (one.window_start, one.window_start + WINDOW)


def _known(*values: float | None) -> Iterable[float]:
    return (value for value in values if value is not None)
