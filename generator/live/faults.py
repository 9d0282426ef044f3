"""Faults: what can be wrong with a service for some minutes, and what that does to its requests."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal, NamedTuple

from contracts.anomalies import AnomalyType
from contracts.injections import Injection
from contracts.times import from_epoch_ms
from generator.live.catalog import ERROR_SHARE

Origin = Literal["chance", "request", "history"]


class Span(NamedTuple):
    """From one number to another, both included."""

    low: float
    high: float


TYPICAL_MAGNITUDE = {
    AnomalyType.ERROR_SURGE: Span(0.2, 0.5),
    AnomalyType.LATENCY_SPIKE: Span(5, 10),
    AnomalyType.TRAFFIC_DROP: Span(0.05, 0.3),
    AnomalyType.TRAFFIC_SURGE: Span(3, 5),
}
"""From which magnitudes one is drawn; what they mean is said by ``contracts.injections.Injection``."""

ADMITTED_MAGNITUDE = {
    AnomalyType.ERROR_SURGE: Span(0.01, 1),
    AnomalyType.LATENCY_SPIKE: Span(1.1, 100),
    AnomalyType.TRAFFIC_DROP: Span(0, 0.9),
    AnomalyType.TRAFFIC_SURGE: Span(1.1, 20),
}
"""Which magnitudes may be asked for."""


def typical_magnitude(kind: AnomalyType, luck: Random) -> float:
    """Draw a magnitude, with three digits."""
    return round(luck.uniform(*TYPICAL_MAGNITUDE[kind]), 3)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one service, in milliseconds since 1970 UTC; ``end_ms`` is not part of it.

    ``planned_ms`` is when it was to begin: traffic that starts in the middle of it has only the rest.
    """

    service: str
    kind: AnomalyType
    planned_ms: int
    start_ms: int
    end_ms: int
    magnitude: float
    origin: Origin

    def overlaps(self, from_ms: int, until_ms: int) -> bool:
        """Whether any of it lies between two moments."""
        return self.start_ms < until_ms and self.end_ms > from_ms

    def record(self, revision: int, emitted_at: datetime) -> Injection:
        """Return what is published about it."""
        return Injection(
            injection_id=f"{self.service}-{self.kind}-{self.start_ms}-{self.origin}",
            revision=revision,
            emitted_at=emitted_at,
            service=self.service,
            kind=self.kind,
            started_at=from_epoch_ms(self.start_ms),
            ended_at=from_epoch_ms(self.end_ms),
            magnitude=self.magnitude,
            origin=self.origin,
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does to requests: the share that fails, the factor on latencies, the share that arrives at all.

    ``surplus`` is how many requests come on top, as a share of the usual ones.
    """

    error_share: float = ERROR_SHARE
    slowdown: float = 1.0
    admitted_share: float = 1.0
    surplus: float = 0.0


NO_EFFECT = Effect()


def effect_of(fault: Fault | None) -> Effect:
    """Return what a fault does; None is no fault."""
    if fault is None:
        return NO_EFFECT
    match fault.kind:
        case AnomalyType.ERROR_SURGE:
            return Effect(error_share=fault.magnitude)
        case AnomalyType.LATENCY_SPIKE:
            return Effect(slowdown=fault.magnitude)
        case AnomalyType.TRAFFIC_DROP:
            return Effect(admitted_share=fault.magnitude)
        case AnomalyType.TRAFFIC_SURGE:
            return Effect(surplus=fault.magnitude - 1)
