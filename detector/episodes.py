"""Episodes: an anomaly from its first bad window to its resolution."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from contracts.anomalies import AnomalyType, EvidenceEndpoint, EvidenceService, Severity
from contracts.records import UtcTime
from contracts.times import WINDOW, to_rfc3339
from detector.decision import Verdict
from detector.incidents import Incident
from detector.rules import Rule

WHOLE_SERVICE = ""
"""The endpoint of anomalies that are found in a service as a whole."""

UNJUDGED_WINDOWS_TO_RESOLVE = 5
"""Windows in a row that say nothing after which an anomaly is closed: a service that is gone is not bad for ever, and
five minutes are longer than the gaps of thin traffic."""


class Ending(StrEnum):
    """Why an episode ended."""

    BACK_TO_NORMAL = "back_to_normal"
    NO_DATA = "no_data"
    NEW_NORMAL = "new_normal"


class BadWindow(NamedTuple):
    """An anomalous window in the unit of its rule's metric; ``expected`` is None without a baseline.

    ``seconds_before`` is how long before the window the minute begins in which ``value`` was measured.
    """

    rule: Rule
    window_start: UtcTime
    requests: int
    value: float
    expected: float | None
    threshold: float
    severity: Severity
    endpoints: tuple[EvidenceEndpoint, ...]
    seconds_before: int = 0


def anomaly_id(service: str, endpoint: str, anomaly_type: AnomalyType, window_start: datetime) -> str:
    """Return the id of an anomaly: 16 hex digits of SHA-256 over what makes it unique."""
    identity = "\n".join((service, endpoint, anomaly_type, to_rfc3339(window_start)))
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


@dataclass(slots=True)
class Episode:
    """An open anomaly of a service.

    ``window_start`` is that of its first bad window, ``window_end`` the end of its last; ``detected_at`` the stream
    time at which it was called; ``worst`` the bad window with the most extreme value since then, the earlier of equal
    ones; ``services`` the others in the last bad window. ``normal_windows`` counts since the last bad window,
    ``unjudged_windows`` in a row. ``never_seen_days`` is over how many earlier days nothing as extreme was seen, None
    where it was, or nothing is known. ``has_baseline`` is whether anything was known to be usual when it opened.
    ``closed_on_topic``: readers were told before a restart that it is resolved.
    """

    service: str
    rule: Rule
    window_start: UtcTime
    window_end: UtcTime
    detected_at: UtcTime
    severity: Severity
    worst: BadWindow
    services: tuple[EvidenceService, ...]
    incident: Incident
    never_seen_days: int | None = None
    has_baseline: bool = True
    revision: int = 1
    normal_windows: int = 0
    unjudged_windows: int = 0
    closed_on_topic: bool = False

    @property
    def anomaly_id(self) -> str:
        """Its id, which never changes."""
        return anomaly_id(self.service, WHOLE_SERVICE, self.rule.anomaly_type, self.window_start)

    def extend(self, bad: BadWindow, services: tuple[EvidenceService, ...]) -> None:
        """Take in a further bad window: the next revision, because its end is news to a reader."""
        self.window_end = bad.window_start + WINDOW
        self.services = services
        self.severity = max(self.severity, bad.severity, key=lambda severity: severity.rank)
        if bad.value < self.worst.value if self.rule.looks_below else bad.value > self.worst.value:
            self.worst = bad
        self.revision += 1
        self.normal_windows = self.unjudged_windows = 0

    def pass_over(self, verdict: Verdict, resolve_windows: int) -> Ending | None:
        """Take in a window that is not bad; return why the episode ends with it, None while it goes on.

        Windows that say nothing neither count as normal nor make earlier normal ones void.
        """
        if verdict is Verdict.NORMAL:
            self.normal_windows += 1
            self.unjudged_windows = 0
        else:
            self.unjudged_windows += 1
        if self.normal_windows >= resolve_windows:
            ending = Ending.BACK_TO_NORMAL
        elif self.unjudged_windows >= UNJUDGED_WINDOWS_TO_RESOLVE:
            ending = Ending.NO_DATA
        else:
            return None
        self.revision += 1
        return ending
