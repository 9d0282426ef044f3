"""Incidents as a detector would report them, by the number of a seed, and answers about them whose truth is known."""

import random
from dataclasses import dataclass
from typing import Any

from contracts.anomalies import (
    Anomaly,
    AnomalyType,
    Evidence,
    EvidenceEndpoint,
    EvidenceService,
    EvidenceWindow,
    MetricName,
    Severity,
)
from narrator.wording import clock, latency, percent, rate
from tests.fast.narrator.evidence import DETECTED, MINUTE, ONSET

SERVICES = ("payments", "checkout", "search", "cart-v2", "oteldemo.AdService", "front/web", "user_profile", "k8s.dns-1")
ENDPOINTS = ("/api/charge", "/api/refund", "GET /api/cart/{id}", "/oteldemo.AdService/GetAds", "POST /v2/items", "/")
_METRICS = {
    AnomalyType.ERROR_SURGE: MetricName.ERROR_RATIO,
    AnomalyType.LATENCY_SPIKE: MetricName.LATENCY_P95,
    AnomalyType.TRAFFIC_DROP: MetricName.REQUEST_RATE,
    AnomalyType.TRAFFIC_SURGE: MetricName.REQUEST_RATE,
}

_AS_A_DISTANCE = {
    MetricName.ERROR_RATIO: "the error ratio of {who} rose by {value}",
    MetricName.LATENCY_P95: "{who} is {value} slower than usual since {since} UTC",
    MetricName.REQUEST_RATE: "{who} receives {value} more or less than usual",
}


def incident(seed: int) -> tuple[Anomaly, ...]:
    """Return one to four anomalies of different services whose numbers fit together, the most important first."""
    chance = random.Random(seed)
    services = chance.sample(SERVICES, chance.choice([1, 1, 2, 3, 4]))
    found = [_anomaly(chance, f"incident-{seed}", service) for service in services]
    return tuple(sorted(found, key=lambda one: (-one.severity.rank, one.window_start, one.service)))


def _anomaly(chance: random.Random, incident_id: str, service: str) -> Anomaly:
    kind = chance.choice(list(AnomalyType))
    start, length = ONSET + chance.randint(0, 4) * MINUTE, chance.randint(1, 6)
    usual_rate = chance.uniform(0.5, 60)
    usual = {
        MetricName.ERROR_RATIO: chance.choice([0.0, chance.uniform(0.0005, 0.02)]),
        MetricName.LATENCY_P95: chance.uniform(0.02, 1.5),
        MetricName.REQUEST_RATE: usual_rate,
    }[_METRICS[kind]]
    bad = [_window(chance, kind, usual_rate, usual, start + at * MINUTE) for at in range(length)]
    calm = [_window(chance, None, usual_rate, usual, start - at * MINUTE) for at in range(4, 0, -1)]
    values = [_value(kind, one) for one in bad]
    worst = bad[values.index(min(values) if kind is AnomalyType.TRAFFIC_DROP else max(values))]
    windows = [one.model_copy(update={"value": _value(kind, one)}) for one in [*calm, *bad]]
    others = tuple(_other(chance, one) for one in chance.sample(SERVICES, 3) if one != service)
    return Anomaly(
        anomaly_id=f"{service}-{kind}",
        revision=1,
        emitted_at=DETECTED,
        incident_id=incident_id,
        detected_at=DETECTED,
        window_start=start,
        window_end=start + length * MINUTE,
        service=service,
        endpoint="",
        anomaly_type=kind,
        severity=chance.choice(list(Severity)),
        metric_name=_METRICS[kind],
        metric_value=_value(kind, worst),
        baseline_value=chance.choice([usual, usual, usual, None]),
        threshold_value=usual / 2 if kind is AnomalyType.TRAFFIC_DROP else max(3 * usual, 0.01),
        description="",
        resolved=False,
        resolved_at=None,
        evidence=Evidence(
            rule="rule",
            sample_size=worst.requests,
            windows=tuple(windows),
            services=others,
            endpoints=_endpoints(chance, worst),
        ),
    )


def _window(
    chance: random.Random,
    kind: AnomalyType | None,
    usual_rate: float,
    usual: float,
    start: Any,  # noqa: ANN401
) -> EvidenceWindow:
    share = {AnomalyType.TRAFFIC_DROP: chance.uniform(0, 0.3), AnomalyType.TRAFFIC_SURGE: chance.uniform(3, 9)}
    requests = round(usual_rate * 60 * (share.get(kind, chance.uniform(0.8, 1.2)) if kind is not None else 1))
    failing = chance.uniform(0.1, 1.0) if kind is AnomalyType.ERROR_SURGE else chance.uniform(0, 0.01)
    slow = usual * chance.uniform(3, 20) if kind is AnomalyType.LATENCY_SPIKE else chance.uniform(0.02, 0.4)
    return EvidenceWindow(
        window_start=start,
        requests=requests,
        errors=round(failing * requests),
        latency_p95_seconds=slow if requests else None,
        value=None,
        expected=None,
        threshold=None,
    )


def _value(kind: AnomalyType, window: EvidenceWindow) -> float:
    if kind is AnomalyType.ERROR_SURGE:
        return window.errors / max(window.requests, 1)
    return window.latency_p95_seconds or 0.0 if kind is AnomalyType.LATENCY_SPIKE else window.requests / 60


def _other(chance: random.Random, service: str) -> EvidenceService:
    return EvidenceService(
        service=service,
        requests=chance.randint(0, 900),
        error_ratio=chance.choice([0.0, chance.uniform(0, 0.3)]),
        usual_error_ratio=chance.uniform(0, 0.01),
        latency_p95_seconds=chance.uniform(0.05, 2),
        usual_latency_p95_seconds=chance.uniform(0.05, 0.5),
    )


def _endpoints(chance: random.Random, worst: EvidenceWindow) -> tuple[EvidenceEndpoint, ...]:
    names = chance.sample(ENDPOINTS, chance.randint(1, 4))
    most = round(worst.errors * chance.uniform(0.5, 1.0))
    errors = [most, *[(worst.errors - most) // max(len(names) - 1, 1)] * (len(names) - 1)]
    share = worst.requests // len(names)
    return tuple(
        EvidenceEndpoint(
            endpoint=one,
            requests=max(share, failed),
            errors=failed,
            latency_p95_seconds=(worst.latency_p95_seconds or 0.1) * chance.uniform(0.3, 1.5),
        )
        for one, failed in zip(names, errors, strict=True)
    )


@dataclass(frozen=True)
class Told:
    """A sentence, and whether the evidence holds it."""

    sentence: str
    is_true: bool


def statements(anomalies: tuple[Anomaly, ...], seed: int) -> list[Told]:
    """Return sentences about an incident: true ones, and each again with a number, a name, a time or a role changed."""
    chance = random.Random(seed)
    found = []
    for one in anomalies:
        what = {
            MetricName.ERROR_RATIO: "{who} fails for {value} of requests since {since} UTC",
            MetricName.LATENCY_P95: "p95 latency of {who} is {value} since {since} UTC",
            MetricName.REQUEST_RATE: "{who} receives {value} since {since} UTC",
        }[one.metric_name]
        true = {"who": one.service, "value": measured(one, one.metric_value), "since": clock(one.window_start)}
        found.append(Told(what.format(**true), is_true=True))
        wrong_value = measured(one, one.metric_value * chance.choice([0.5, 0.8, 1.3, 2.0]) + 0.0021)
        changes = (
            {"who": chance.choice(["billing", "order-service", "Redis", "db_primary", "the gateway service"])},
            {"value": wrong_value},
            {"value": wrong_value, "who": "the service"},
            {"since": clock(one.window_start - chance.randint(1, 3) * MINUTE)},
            {"value": true["value"].replace("%", "ms") if "%" in true["value"] else f"{true['value'].split()[0]} %"},
        )
        found += [Told(what.format(**(true | change)), is_true=False) for change in changes]
        found.append(Told(_AS_A_DISTANCE[one.metric_name].format(**true), is_true=False))
        found += [
            Told(what.format(**(true | {"who": other.service})), is_true=False)
            for other in anomalies
            if other.service != one.service and measured(other, other.metric_value) != true["value"]
        ]
    return found


def measured(one: Anomaly, value: float) -> str:
    """Return a value of an anomaly's metric as texts have it."""
    if one.metric_name is MetricName.ERROR_RATIO:
        return percent(value)
    return latency(value) if one.metric_name is MetricName.LATENCY_P95 else rate(value)
