"""Which incident an anomaly belongs to: decided once, when the anomaly opens."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.anomalies import INCIDENT_JOIN
from contracts.records import UtcTime
from contracts.times import to_rfc3339
from detector.rules import Rule


class Incident(NamedTuple):
    """``onset`` is the start of the first bad window of its anomalies. It is open while one of its anomalies is."""

    onset: UtcTime
    incident_id: str


class Ended(NamedTuple):
    """An anomaly that ended lately; one of the same service and rule that begins soon after goes on in its incident."""

    service: str
    rule: Rule
    window_end: UtcTime
    incident: Incident


class Opening(NamedTuple):
    """An anomaly that opens: ``judged`` is the window with which it does, ``window_start`` its first bad one."""

    service: str
    rule: Rule
    window_start: datetime
    judged: datetime


def incident_id(judged: datetime) -> str:
    """Return the id of an incident that opens with a window: all that opens with it and joins no other is one.

    So it can be told before the window is over, whatever else the window will show.
    """
    return f"i{hashlib.sha256(to_rfc3339(judged).encode()).hexdigest()[:16]}"


def incident_of(
    opening: Opening, open_incidents: Iterable[Incident], ended: Iterable[Ended], cooldown: timedelta
) -> Incident:
    """Return the incident of an anomaly that opens.

    It is the oldest open one that it is in time to join, or that of its own predecessor while that has just ended, or a
    new one.

    Args:
        opening: the anomaly.
        open_incidents: those that were open before its window was judged.
        ended: anomalies that ended lately.
        cooldown: how long after its predecessor's last bad window it still goes on in that one's incident.
    """
    in_time = [each for each in open_incidents if opening.window_start - each.onset <= INCIDENT_JOIN]
    if in_time:
        return min(in_time)
    for each in ended:
        is_same = (each.service, each.rule) == (opening.service, opening.rule)
        if is_same and opening.window_start - each.window_end <= cooldown:
            return each.incident
    return Incident(opening.window_start, incident_id(opening.judged))
