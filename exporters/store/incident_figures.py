"""What ``/metrics`` shows of anomalies and incidents: those that are open."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from contracts.anomalies import Severity
from exporters.store.pool import CursorPool
from exporters.store.service_labels import service_labels

_ACTIVE = """
SELECT service, anomaly_type, severity, count(*) AS anomalies
FROM anomalies
WHERE NOT resolved
GROUP BY ALL
ORDER BY ALL
"""
_OPEN = "SELECT severity, count(*) AS incidents FROM incidents WHERE resolved_at IS NULL GROUP BY severity"


@dataclass(frozen=True, slots=True)
class ActiveFigure:
    """How many anomalies of one kind are open; ``service`` is a label."""

    service: str
    anomaly_type: str
    severity: str
    anomalies: int


def read_active(pool: CursorPool, named: Collection[str]) -> tuple[ActiveFigure, ...]:
    """Return the open anomalies, added up by label, type and severity."""
    rows = pool.rows("figures", _ACTIVE)
    labels = service_labels((row["service"] for row in rows), named)
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        counts[labels[row["service"]], row["anomaly_type"], row["severity"]] += row["anomalies"]
    return tuple(ActiveFigure(*kind, anomalies) for kind, anomalies in counts.items())


def read_open_incidents(pool: CursorPool) -> Mapping[str, int]:
    """Return the number of open incidents of every severity, the worst so far of each."""
    found = {row["severity"]: row["incidents"] for row in pool.rows("figures", _OPEN)}
    return {severity.value: found.get(severity.value, 0) for severity in Severity}
