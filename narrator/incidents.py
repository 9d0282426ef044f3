"""What is known of each incident: its anomalies, and the newest summary that was told.

All of it follows from the two topics. Records are kept as bytes, an eighth of the size of the objects; those of
incidents that came to rest are let go, and of the oldest incidents everything.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from contracts.anomalies import Anomaly, Severity
from contracts.summaries import Grounding, IncidentSummary

MAX_INCIDENTS = 10_000
"""Incidents that are known by their ids; the oldest are forgotten first."""

MAX_IN_FULL = 1_000
"""Incidents at rest whose anomalies are kept in full; beyond it the oldest keep their ids only."""

MAX_MEMBERS = 1_000
"""Anomalies of one incident that are told about: the ids of more would not fit into a summary."""

REST = timedelta(hours=24)
"""An incident without news for so long is kept by its ids only."""


@dataclass(frozen=True, slots=True)
class Member:
    """The newest revision of an anomaly; ``record`` is None once it was let go."""

    revision: int
    emitted_at: datetime
    detected_at: datetime
    severity: Severity
    record: bytes | None


@dataclass(frozen=True, slots=True)
class Told:
    """The newest summary of an incident."""

    revision: int
    emitted_at: datetime
    anomaly_ids: frozenset[str]
    source: Literal["llm", "template"]
    grounded: Grounding


@dataclass(slots=True)
class Incident:
    """An incident: its members by anomaly_id, and what was told, None before the first summary."""

    incident_id: str
    members: dict[str, Member] = field(default_factory=dict)
    told: Told | None = None

    @property
    def untold(self) -> frozenset[str]:
        """The members that the newest summary does not cover."""
        return frozenset(self.members) - (frozenset() if self.told is None else self.told.anomaly_ids)

    @property
    def all_ids(self) -> frozenset[str]:
        """The anomaly ids of the incident, those that only an earlier summary names included."""
        return frozenset(self.members) | (frozenset() if self.told is None else self.told.anomaly_ids)

    @property
    def severity(self) -> Severity:
        """The worst severity of the members."""
        return max((member.severity for member in self.members.values()), key=lambda found: found.rank)

    @property
    def newest_at(self) -> datetime:
        """When the newest anomaly was detected, and not later than it was emitted: a backfill's are old at once."""
        return max(min(member.emitted_at, member.detected_at) for member in self.members.values())

    @property
    def last_news_at(self) -> datetime:
        """When the newest record about the incident was emitted."""
        moments = [member.emitted_at for member in self.members.values()]
        return max([*moments, self.told.emitted_at] if self.told is not None else moments)

    def anomalies(self) -> list[Anomaly]:
        """Return the members that are known in full."""
        return [Anomaly.decode(member.record) for member in self.members.values() if member.record is not None]


class Incidents:
    """Every incident that is known, by id."""

    def __init__(self) -> None:
        self._known: dict[str, Incident] = {}
        self._in_full: dict[str, None] = {}
        self._forgotten_until: datetime | None = None

    @property
    def known(self) -> int:
        """How many incidents are known."""
        return len(self._known)

    @property
    def in_full(self) -> int:
        """How many incidents are known in full."""
        return len(self._in_full)

    def get(self, incident_id: str) -> Incident | None:
        """Return an incident, None when it is not known."""
        return self._known.get(incident_id)

    def add(self, anomaly: Anomaly) -> bool:
        """Take a revision of an anomaly; the result is whether it is news.

        It is not when a newer revision is known, when its incident is so old that it was forgotten, or when the
        incident has more members than a summary can name.
        """
        incident = self._known.get(anomaly.incident_id)
        if incident is None:
            if self._forgotten_until is not None and anomaly.emitted_at <= self._forgotten_until:
                return False
            incident = self._known.setdefault(anomaly.incident_id, Incident(anomaly.incident_id))
        known = incident.members.get(anomaly.anomaly_id)
        if known is None and len(incident.members) >= MAX_MEMBERS:
            return False
        if known is not None and (anomaly.revision, anomaly.emitted_at) <= (known.revision, known.emitted_at):
            return False
        incident.members[anomaly.anomaly_id] = Member(
            anomaly.revision, anomaly.emitted_at, anomaly.detected_at, anomaly.severity, anomaly.encode()
        )
        self._in_full[anomaly.incident_id] = None
        return True

    def tell(self, summary: IncidentSummary) -> None:
        """Note a summary, read or made, unless a newer one is known."""
        incident = self._known.setdefault(summary.incident_id, Incident(summary.incident_id))
        known = incident.told
        if known is None or (summary.revision, summary.emitted_at) > (known.revision, known.emitted_at):
            incident.told = Told(
                summary.revision,
                summary.emitted_at,
                frozenset(summary.anomaly_ids),
                summary.source,
                summary.grounded,
            )

    def tidy(self, now: datetime, in_use: Collection[str]) -> None:
        """Let go what will not be needed: the records of incidents at rest, and the oldest incidents.

        Args:
            now: this moment.
            in_use: ids of incidents that keep everything.
        """
        resting = [incident_id for incident_id in self._in_full if incident_id not in in_use]
        resting.sort(key=lambda incident_id: self._known[incident_id].last_news_at)
        for place, incident_id in enumerate(resting):
            is_old = now - self._known[incident_id].last_news_at > REST
            if is_old or len(resting) - place > MAX_IN_FULL:
                self._let_records_go(incident_id)
        if len(self._known) > MAX_INCIDENTS:
            self._forget_oldest(in_use)

    def _let_records_go(self, incident_id: str) -> None:
        members = self._known[incident_id].members
        for anomaly_id, member in members.items():
            members[anomaly_id] = Member(member.revision, member.emitted_at, member.detected_at, member.severity, None)
        del self._in_full[incident_id]

    def _forget_oldest(self, in_use: Collection[str]) -> None:
        by_age = sorted(self._known.values(), key=lambda incident: incident.last_news_at)
        for incident in by_age[: len(self._known) - MAX_INCIDENTS]:
            if incident.incident_id in in_use:
                continue
            del self._known[incident.incident_id]
            self._in_full.pop(incident.incident_id, None)
            forgotten = incident.last_news_at
            self._forgotten_until = max(forgotten, self._forgotten_until or forgotten)
