"""Data quality of the books: what was counted over all time against what the tables hold."""

from dataclasses import dataclass

from contracts import metrics
from exporters.store.maintenance_cursor import MaintenanceCursor

_TOTALS = """
SELECT name, sum(value)::BIGINT AS total FROM counters WHERE list_contains($names, name) GROUP BY name
UNION ALL
SELECT 'stored', coalesce(sum(request_count), 0)::BIGINT FROM series_totals
"""
_CLASSES = (metrics.EVENTS_COUNTED, metrics.EVENTS_DUPLICATE, metrics.EVENTS_LATE, metrics.EVENTS_REJECTED)


@dataclass(frozen=True, slots=True)
class Balance:
    """The all-time totals, all read at one moment.

    ``unaccounted`` are received events that no class explains, ``unread`` offsets that are neither received nor lost,
    ``counted`` events and ``stored`` requests are the same events on both sides of the sink.
    """

    unaccounted: int
    unread: int
    counted: int
    stored: int


def read_balance(cursor: MaintenanceCursor) -> Balance:
    """Return the balance; retention does not change it."""
    names = [
        metric.name for metric in (*_CLASSES, metrics.EVENTS_RECEIVED, metrics.EVENTS_LOST, metrics.EVENTS_OFFSETS)
    ]
    totals = {row["name"]: row["total"] for row in cursor.rows(_TOTALS, {"names": names})}
    received = totals.get(metrics.EVENTS_RECEIVED.name, 0)
    return Balance(
        unaccounted=received - sum(totals.get(metric.name, 0) for metric in _CLASSES),
        unread=totals.get(metrics.EVENTS_OFFSETS.name, 0) - received - totals.get(metrics.EVENTS_LOST.name, 0),
        counted=totals.get(metrics.EVENTS_COUNTED.name, 0),
        stored=totals["stored"],
    )
