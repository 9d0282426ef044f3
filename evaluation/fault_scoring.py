"""How faults with a service, a kind and an end are scored: each by the alarms of its own service and kind."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluation.alarms import Alarm, Label

BEFORE_SECONDS, AFTER_SECONDS = 60.0, 120.0
"""An alarm belongs to a fault when it is called between this long before its begin and this long after its end."""

AFTERMATH_SECONDS = 300.0
"""For so long after a fault an alarm of the same service is not false: traffic that returns is a deviation too."""

ONE_FAULT_SECONDS = 180.0
"""Faults of one kind and service that follow within this time are one: no on-call engineer can tell them apart."""


@dataclass(frozen=True, slots=True)
class LabelledFault:
    """A fault with its magnitude, and after how many seconds its kind was called; None when it was missed."""

    label: Label
    magnitude: float
    seconds: float | None


@dataclass(frozen=True, slots=True)
class FaultFigures:
    """The score on one or several stretches of labelled traffic; ``service_days`` are those of all services."""

    faults: tuple[LabelledFault, ...]
    false_alarms: tuple[Alarm, ...]
    service_days: float

    @property
    def false_alarms_per_service_day(self) -> float:
        """False alarms per service and day."""
        return len(self.false_alarms) / self.service_days

    def of(self, kind: str) -> "FaultFigures":
        """Return the figures on one kind of fault."""
        chosen = tuple(fault for fault in self.faults if fault.label.kind == kind)
        return FaultFigures(
            chosen, tuple(alarm for alarm in self.false_alarms if alarm.kind == kind), self.service_days
        )

    @property
    def recall(self) -> float | None:
        """Found faults as a share of all."""
        return sum(fault.seconds is not None for fault in self.faults) / len(self.faults) if self.faults else None

    def detection_seconds(self, share: float) -> float | None:
        """Return the time to detect that a share of the found faults does not exceed; None without any."""
        times = sorted(fault.seconds for fault in self.faults if fault.seconds is not None)
        return times[max(0, math.ceil(share * len(times)) - 1)] if times else None


def score_faults(
    alarms: Sequence[Alarm], faults: Iterable[tuple[Label, float]], service_days: float, warm_until_seconds: float
) -> FaultFigures:
    """Score alarms on labelled faults.

    Args:
        alarms: of one detector.
        faults: with their magnitudes.
        service_days: for how long, added up over services, is scored.
        warm_until_seconds: what begins before is not scored: there is no baseline yet.
    """
    known = _joined(faults)
    scored = [(label, magnitude) for label, magnitude in known if label.start_seconds >= warm_until_seconds]
    return FaultFigures(
        tuple(LabelledFault(label, magnitude, _seconds_to(label, alarms)) for label, magnitude in scored),
        tuple(each for each in alarms if each.start_seconds >= warm_until_seconds and _is_false(each, known)),
        service_days,
    )


def added_up(figures: Sequence[FaultFigures]) -> FaultFigures:
    """Return the figures of several stretches together."""
    return FaultFigures(
        tuple(fault for each in figures for fault in each.faults),
        tuple(alarm for each in figures for alarm in each.false_alarms),
        sum(each.service_days for each in figures),
    )


def _joined(faults: Iterable[tuple[Label, float]]) -> list[tuple[Label, float]]:
    newest: dict[tuple[str, str], tuple[Label, float]] = {}
    joined: list[tuple[Label, float]] = []
    for label, magnitude in sorted(faults):
        key = (label.service, label.kind)
        known = newest.get(key)
        if known is not None and label.start_seconds - _end(known[0]) <= ONE_FAULT_SECONDS:
            joined.remove(known)
            newest[key] = known[0]._replace(end_seconds=max(_end(known[0]), _end(label))), known[1]
        else:
            newest[key] = label, magnitude
        joined.append(newest[key])
    return joined


def _end(label: Label) -> float:
    return label.start_seconds if label.end_seconds is None else label.end_seconds


def _seconds_to(label: Label, alarms: Iterable[Alarm]) -> float | None:
    called = [
        alarm.start_seconds - label.start_seconds
        for alarm in alarms
        if (alarm.service, alarm.kind) == (label.service, label.kind) and _is_about(alarm, label)
    ]
    return max(0.0, min(called)) if called else None


def _is_about(alarm: Alarm, label: Label) -> bool:
    return label.start_seconds - BEFORE_SECONDS <= alarm.start_seconds <= _end(label) + AFTER_SECONDS


def _is_false(alarm: Alarm, faults: Iterable[tuple[Label, float]]) -> bool:
    return not any(
        label.service == alarm.service
        and label.start_seconds - BEFORE_SECONDS <= alarm.start_seconds <= _end(label) + AFTERMATH_SECONDS
        for label, _ in faults
    )
