"""A health report: what its checks are given, and how their verdicts come together."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exporters.maintenance.board import JobState
from exporters.maintenance.service_answers import Answer
from exporters.maintenance.state import Storage
from exporters.snapshot import Snapshot
from exporters.store.findings import Check
from exporters.store.health_reports import Status, Verdict

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """From when on something is trouble. Freshness warns from a fifth of its limit on, which is critical."""

    lag_records: int
    freshness_seconds: float
    batch_age_seconds: float
    disk_warning_ratio: float
    disk_critical_ratio: float


@dataclass(frozen=True, slots=True)
class Moment:
    """What the checks look at. ``findings`` are those of the last data quality run, None before the first."""

    now: datetime
    snapshot: Snapshot
    answers: Mapping[str, Answer | None]
    jobs: Sequence[JobState]
    findings: Mapping[Check, int] | None
    storage: Callable[[], Storage]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A named check. ``look`` may raise: that is a critical verdict of the check and no failure of the report."""

    name: str
    look: Callable[[Moment, HealthLimits], Iterable[Verdict]]


def verdicts(checks: Iterable[HealthCheck], moment: Moment, limits: HealthLimits) -> list[Verdict]:
    """Return the verdicts of all checks, the worst first and otherwise in their order."""
    found = [verdict for check in checks for verdict in _looked(check, moment, limits)]
    return sorted(found, key=lambda verdict: -verdict.status.rank)


def _looked(check: HealthCheck, moment: Moment, limits: HealthLimits) -> list[Verdict]:
    try:
        return list(check.look(moment, limits))
    except Exception as error:
        logger.exception("a check of the health report failed", extra={"check": check.name})
        detail = f"It could not be looked at: {type(error).__name__}: {error}."
        return [Verdict(check.name, Status.CRITICAL, "unknown", " ".join(detail.split())[:300])]
