"""What the live engine saw of a service, window by window: the material of pictures."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from contracts.anomalies import Anomaly
from detector.engine import Engine
from detector.rules import RULES, Rule
from detector.settings import DetectorSettings
from evaluation.alarms import Alarm, Label, Span
from evaluation.feed import Batch
from evaluation.pictures import Picture, Point

FAULT_SECONDS = 240.0
"""How long a fault is drawn whose end is not known."""

_UNITS = {Rule.ERROR_RATE: (100.0, "%"), Rule.LATENCY_SLA: (1000.0, "ms")}
_TITLES = {
    Rule.ERROR_RATE: "error ratio",
    Rule.LATENCY_SLA: "p95 latency",
    Rule.TRAFFIC_DROP: "requests per second",
    Rule.TRAFFIC_SURGE: "requests per second",
}


class View(NamedTuple):
    """What a picture is of: one rule's signal of a service in a span of time."""

    service: str
    rule: Rule
    span: Span


def points(
    batches: Iterable[Batch], settings: DetectorSettings, services: Sequence[str], rule: Rule
) -> dict[str, list[Point]]:
    """Return what a rule saw of services, in the unit of its picture."""
    engine, number = Engine(settings), RULES.index(rule)
    factor, _ = _UNITS.get(rule, (1.0, ""))
    seen: dict[str, list[Point]] = {service: [] for service in services}
    for batch in batches:
        before = engine.judged_until
        engine.feed(batch.counts, batch.stream_time)
        if engine.judged_until == before:
            continue
        for service in services:
            past = engine.services.get(service)
            if past is not None and engine.judged_until is not None:
                measured, shown = past.newest()
                each = shown[number]
                seen[service].append(
                    Point(measured.window_start.timestamp(), *(_times(value, factor) for value in each))
                )
    return seen


def picture(view: View, seen: Sequence[Point], labels: Iterable[Label], alarms: Iterable[Alarm]) -> Picture:
    """Return the picture of a view: what the rule saw in it, the faults of all services, and the service's alarms."""
    service, rule, span = view
    _, unit = _UNITS.get(rule, (1.0, ""))
    return Picture(
        title=f"{service}: {_TITLES[rule]}",
        unit=unit,
        points=[point for point in seen if span.holds(point.start_seconds)],
        labels=[_fault(label) for label in labels if span.holds(label.start_seconds)],
        alarms=[
            Span(alarm.start_seconds, alarm.end_seconds)
            for alarm in alarms
            if (alarm.service, alarm.kind) == (service, rule.anomaly_type.value) and span.holds(alarm.start_seconds)
        ],
    )


def most_alarming(anomalies: Iterable[Anomaly], rule: Rule, number: int) -> list[str]:
    """Return the services with the most anomalies of a rule."""
    counts: dict[str, int] = {}
    for anomaly in anomalies:
        if anomaly.evidence.rule == rule.value:
            counts[anomaly.service] = counts.get(anomaly.service, 0) + 1
    return sorted(counts, key=lambda service: (-counts[service], service))[:number]


def _fault(label: Label) -> Span:
    end = label.start_seconds + FAULT_SECONDS if label.end_seconds is None else label.end_seconds
    return Span(label.start_seconds, end)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
