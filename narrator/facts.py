"""Everything that an account may state, by what it is about: the rows of the evidence, each with its subject.

A row is a measured thing: an anomaly, one of its minutes, one endpoint in the worst minute, another service. Facts of a
row are its numbers and what follows from them by one step of arithmetic: a share of a total, a rate of a minute, a
multiple of what is usual or the distance from it, the length of a deviation.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.anomalies import Anomaly, AnomalyType, EvidenceEndpoint, EvidenceService, EvidenceWindow, MetricName
from contracts.times import WINDOW
from narrator.figures import (
    MAX_NAMED_SERVICES,
    bad_minutes,
    deviates,
    failed_in_worst,
    fails_more,
    failure_shares,
    is_slower,
    quotient,
    standing_out,
    times_usual,
    worst_window,
)
from narrator.wording import clock, name, per_minute

WINDOW_SECONDS = WINDOW.total_seconds()


class Unit(StrEnum):
    """What a number counts or measures."""

    PERCENT = "percent"
    SECONDS = "seconds"
    RATE = "requests per second"
    FAILED = "failed requests"
    REQUESTS = "requests"
    MINUTES = "minutes"
    FACTOR = "times usual"
    SERVICES = "services"
    ANOMALIES = "anomalies"
    ENDPOINTS = "endpoints"


class Role(StrEnum):
    """What a number is in its row."""

    VALUE = "measured"
    USUAL = "usual"
    LIMIT = "limit"
    SHARE = "share of the failures"
    DISTANCE = "distance from what is usual"
    QUANTILE = "share of requests beyond or within p95"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A service, or with ``endpoint`` one endpoint of it; names as the narrator writes them."""

    service: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A number of the evidence. ``at`` is the minute it belongs to, None for the worst minute and for every minute."""

    unit: Unit
    role: Role
    value: float
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """That a subject deviates, since when and how; ``ends`` is the end of the last bad minute."""

    subject: Subject
    kind: AnomalyType
    severity: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an incident.

    ``rows`` holds the facts by subject; ``deviations`` the anomalies, the most important first; ``failing`` and
    ``slower`` the services that deviate beside them; ``minutes`` the clocks of every minute that is known of a service;
    ``worst`` the clock of a subject's worst minute where it is known; ``things`` how many services, anomalies and
    endpoints there are; ``unknown_usual`` the services with an anomaly of which nothing usual is known;
    ``alone_above_limit`` whether one endpoint alone is beyond the limit.
    """

    rows: dict[Subject, tuple[Fact, ...]]
    deviations: tuple[Deviation, ...]
    failing: frozenset[str]
    slower: frozenset[str]
    minutes: dict[str, frozenset[str]]
    worst: dict[Subject, frozenset[str]]
    things: frozenset[Fact]
    unknown_usual: frozenset[str]
    alone_above_limit: bool

    @property
    def subjects(self) -> frozenset[Subject]:
        """Every subject that has a row."""
        return frozenset(self.rows)

    @property
    def services(self) -> frozenset[str]:
        """Every service that is known."""
        return frozenset(subject.service for subject in self.rows)

    def kinds(self, service: str) -> frozenset[AnomalyType]:
        """How a service deviates."""
        found = {one.kind for one in self.deviations if one.subject.service == service}
        found |= {AnomalyType.ERROR_SURGE} if service in self.failing else set()
        return frozenset(found | ({AnomalyType.LATENCY_SPIKE} if service in self.slower else set()))


def facts_of(anomalies: Sequence[Anomaly], not_shown: int = 0) -> Facts:
    """Return what the evidence of these anomalies holds.

    Args:
        anomalies: at least one, the most important first.
        not_shown: how many more the incident has.
    """
    rows: dict[Subject, list[Fact]] = {}
    worst: dict[Subject, set[str]] = {}
    for one in anomalies:
        subject = _subject(one)
        rows.setdefault(subject, []).extend(_facts_of_anomaly(one))
        found = worst_window(one)
        worst.setdefault(subject, set()).update([] if found is None else [clock(found.window_start)])
        for endpoint in one.evidence.endpoints:
            of_endpoint = rows.setdefault(Subject(subject.service, name(endpoint.endpoint)), [])
            of_endpoint.extend(_facts_of_endpoint(one, endpoint))
    for other in anomalies[0].evidence.services:
        rows.setdefault(Subject(name(other.service)), []).extend(_facts_of_service(other))
    others = anomalies[0].evidence.services
    return Facts(
        rows={subject: tuple(dict.fromkeys(facts)) for subject, facts in rows.items()},
        deviations=tuple(_deviation(one) for one in anomalies),
        failing=frozenset(name(one.service) for one in others if fails_more(one)),
        slower=frozenset(name(one.service) for one in others if is_slower(one)),
        minutes=_minutes_by_service(anomalies),
        worst={subject: frozenset(clocks) for subject, clocks in worst.items()},
        things=frozenset(_things(anomalies, not_shown)),
        unknown_usual=frozenset(name(one.service) for one in anomalies if one.baseline_value is None),
        alone_above_limit=any(standing_out(one) is not None for one in anomalies),
    )


def _subject(anomaly: Anomaly) -> Subject:
    return Subject(name(anomaly.service), name(anomaly.endpoint))


def _deviation(anomaly: Anomaly) -> Deviation:
    return Deviation(
        _subject(anomaly), anomaly.anomaly_type, anomaly.severity.value, anomaly.window_start, anomaly.window_end
    )


def _unit(metric: MetricName) -> tuple[Unit, float]:
    """The unit that texts have a metric's values in, and how many of it make one of the metric's."""
    if metric is MetricName.ERROR_RATIO:
        return Unit.PERCENT, 100.0
    return (Unit.SECONDS, 1.0) if metric is MetricName.LATENCY_P95 else (Unit.RATE, 1.0)


def _values(metric: MetricName, at: str | None, *values: float | None) -> Iterator[Fact]:
    """Measured, usual and limiting value of a metric."""
    unit, factor = _unit(metric)
    for role, value in zip((Role.VALUE, Role.USUAL, Role.LIMIT), values, strict=True):
        if value is not None:
            yield Fact(unit, role, value * factor, at)


def _counts(part: EvidenceWindow | EvidenceEndpoint, at: str | None) -> Iterator[Fact]:
    yield Fact(Unit.REQUESTS, Role.VALUE, part.requests, at)
    yield Fact(Unit.FAILED, Role.VALUE, part.errors, at)
    yield Fact(Unit.RATE, Role.VALUE, part.requests / WINDOW_SECONDS, at)
    if part.requests > 0:
        yield Fact(Unit.PERCENT, Role.VALUE, 100 * part.errors / part.requests, at)
    if part.latency_p95_seconds is not None:
        yield Fact(Unit.SECONDS, Role.VALUE, part.latency_p95_seconds, at)


def _facts_of_anomaly(anomaly: Anomaly) -> Iterator[Fact]:
    metric, usual = anomaly.metric_name, anomaly.baseline_value
    yield from _values(metric, None, anomaly.metric_value, usual, anomaly.threshold_value)
    yield Fact(Unit.REQUESTS, Role.VALUE, anomaly.evidence.sample_size)
    yield Fact(Unit.MINUTES, Role.VALUE, bad_minutes(anomaly))
    if metric is MetricName.ERROR_RATIO:
        yield Fact(Unit.FAILED, Role.VALUE, failed_in_worst(anomaly))
    if metric is MetricName.REQUEST_RATE:
        yield Fact(Unit.REQUESTS, Role.VALUE, per_minute(anomaly.metric_value))
        if usual is not None:
            yield Fact(Unit.REQUESTS, Role.USUAL, per_minute(usual))
    if metric is MetricName.LATENCY_P95:
        yield Fact(Unit.PERCENT, Role.QUANTILE, 5.0)
        yield Fact(Unit.PERCENT, Role.QUANTILE, 95.0)
    factor = times_usual(anomaly)
    if factor is not None:
        yield Fact(Unit.FACTOR, Role.VALUE, factor)
        yield Fact(Unit.PERCENT, Role.DISTANCE, 100 * abs(1 - factor))
    worst = worst_window(anomaly)
    for window in anomaly.evidence.windows:
        at = clock(window.window_start)
        yield from _values(metric, at, window.value, window.expected, window.threshold)
        yield from _counts(window, at)
        if window is worst:
            yield from _counts(window, None)


def _facts_of_endpoint(anomaly: Anomaly, endpoint: EvidenceEndpoint) -> Iterator[Fact]:
    yield from _counts(endpoint, None)
    if anomaly.metric_name is MetricName.ERROR_RATIO and not anomaly.endpoint:
        share = next((share for one, share in failure_shares(anomaly) if one is endpoint), 0.0)
        yield Fact(Unit.PERCENT, Role.SHARE, 100 * share)


def _facts_of_service(other: EvidenceService) -> Iterator[Fact]:
    yield Fact(Unit.REQUESTS, Role.VALUE, other.requests)
    yield Fact(Unit.RATE, Role.VALUE, other.requests / WINDOW_SECONDS)
    yield from _values(MetricName.ERROR_RATIO, None, other.error_ratio, other.usual_error_ratio, None)
    yield from _values(MetricName.LATENCY_P95, None, other.latency_p95_seconds, other.usual_latency_p95_seconds, None)
    for value, usual in (
        (other.error_ratio, other.usual_error_ratio),
        (other.latency_p95_seconds, other.usual_latency_p95_seconds),
    ):
        factor = quotient(value, usual)
        if factor is not None:
            yield Fact(Unit.FACTOR, Role.VALUE, factor)


def _minutes_by_service(anomalies: Sequence[Anomaly]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in anomalies:
        known = found.setdefault(name(one.service), set())
        known.update([clock(one.window_start), *(clock(window.window_start) for window in one.evidence.windows)])
    return {service: frozenset(clocks) for service, clocks in found.items()}


def _things(anomalies: Sequence[Anomaly], not_shown: int) -> Iterator[Fact]:
    """How many services, anomalies and endpoints there are, and how long the incident was at this moment."""
    services = len({one.service for one in anomalies})
    lead = anomalies[0].evidence
    others = {one.service for one in lead.services if deviates(one)} - {anomalies[0].service}
    others |= {one.service for one in anomalies[1:]} - {anomalies[0].service}
    numbers: list[tuple[Unit, Iterable[int]]] = [
        (Unit.SERVICES, (services, services - 1, len(others), len(others) + 1, len(others) - MAX_NAMED_SERVICES)),
        (Unit.ANOMALIES, (len(anomalies), len(anomalies) + not_shown, not_shown)),
        (Unit.ENDPOINTS, (len(lead.endpoints), sum(one.errors > 0 for one in lead.endpoints))),
    ]
    yield from (Fact(unit, Role.VALUE, number) for unit, counted in numbers for number in counted if number > 0)
    length = (max(one.window_end for one in anomalies) - min(one.window_start for one in anomalies)) / WINDOW
    yield Fact(Unit.MINUTES, Role.VALUE, length)
