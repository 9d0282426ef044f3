"""Which incident an anomaly belongs to: decided once, when the anomaly opens."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from contracts.anomalies import INCIDENT_JOIN
from contracts.records import UtcTime


class Incident(NamedTuple):
    """``onset`` is the start of the first bad window of its first anomaly. It is open while one of its anomalies is."""

    onset: UtcTime
    incident_id: str


def incident_of(anomaly_id: str, window_start: datetime, open_incidents: Iterable[Incident]) -> Incident:
    """Return the incident of an anomaly that opens: the oldest that it is in time to join, or one of its own."""
    in_time = [incident for incident in open_incidents if window_start - incident.onset <= INCIDENT_JOIN]
    return min(in_time) if in_time else Incident(window_start, f"i{anomaly_id}")
