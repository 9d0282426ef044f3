"""What is declared of a metric, and of which kind it may be."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a metric behaves: only up, up and down, or counted by size.

    Untyped are gauges with a label ``quantile``: Prometheus allows that label on summaries and without a type only.
    """

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    UNTYPED = "untyped"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``name`` is as exposed, ``action`` says what to do when it is not as it should be."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    meaning: str
    action: str


def counter(name: str, unit: str, labels: tuple[str, ...], meaning: str, action: str) -> Metric:
    """Declare a metric that only rises."""
    return Metric(name, Kind.COUNTER, unit, labels, meaning, action)


def gauge(name: str, unit: str, labels: tuple[str, ...], meaning: str, action: str) -> Metric:
    """Declare a metric that rises and falls."""
    return Metric(name, Kind.GAUGE, unit, labels, meaning, action)


def untyped(name: str, unit: str, labels: tuple[str, ...], meaning: str, action: str) -> Metric:
    """Declare a gauge with a label ``quantile``."""
    return Metric(name, Kind.UNTYPED, unit, labels, meaning, action)


def histogram(name: str, unit: str, labels: tuple[str, ...], meaning: str, action: str) -> Metric:
    """Declare a metric that is counted by size."""
    return Metric(name, Kind.HISTOGRAM, unit, labels, meaning, action)
