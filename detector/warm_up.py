"""Starting without saved state: what readers were told already, and how the detector takes it up again.

The detector reads the counts again from their beginning and judges them in silence up to the newest window that is on
the topic ``anomalies``. Where the counts are still there, it arrives at what it had before. Where they are not, or the
settings are others, what readers were told decides: ids and incidents stay, revisions go on above the highest, and no
anomaly stays open that nobody watches.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from contracts.anomalies import Anomaly, Evidence
from contracts.records import UtcTime
from contracts.times import WINDOW
from detector.episodes import Episode
from detector.incidents import Incident
from detector.revision import ended_unjudged, is_early

_UNWATCHED = "closed after the detector lost its state and could not judge it again"


class Published:
    """What the topic ``anomalies`` holds, folded while it is read: of each anomaly the highest revision."""

    def __init__(self) -> None:
        self._latest: dict[str, Anomaly] = {}
        self._onsets: dict[str, UtcTime] = {}
        self.newest_window_end: datetime | None = None

    def add(self, anomaly: Anomaly) -> None:
        """Take in one revision; order and repetition do not matter."""
        known = self._latest.get(anomaly.anomaly_id)
        if known is None or _rank(anomaly) > _rank(known):
            self._latest[anomaly.anomaly_id] = _without_evidence(anomaly) if anomaly.resolved else anomaly
        onset = self._onsets.get(anomaly.incident_id, anomaly.window_start)
        self._onsets[anomaly.incident_id] = min(onset, anomaly.window_start)
        # What was called early says nothing about the end of its window: that was not judged yet.
        known_until = anomaly.window_end - WINDOW if is_early(anomaly) else anomaly.window_end
        self.newest_window_end = max(self.newest_window_end or known_until, known_until)

    def warm_up(self) -> "WarmUp | None":
        """Return what the engine needs to go on from here; None when nothing was ever published."""
        if self.newest_window_end is None:
            return None
        called = [each for each in self._latest.values() if self._awaits_its_window(each)]
        unresolved = {name: each for name, each in self._latest.items() if not each.resolved and each not in called}
        incidents = {each.incident_id for each in unresolved.values()}
        return WarmUp(
            self.newest_window_end,
            unresolved,
            frozenset(name for name, each in self._latest.items() if each.resolved),
            {incident_id: self._onsets[incident_id] for incident_id in incidents},
            called,
        )

    def _awaits_its_window(self, anomaly: Anomaly) -> bool:
        return is_early(anomaly) and self.newest_window_end == anomaly.window_end - WINDOW


def _rank(anomaly: Anomaly) -> tuple[int, datetime]:
    return anomaly.revision, anomaly.emitted_at


def _without_evidence(anomaly: Anomaly) -> Anomaly:
    """Thirty days of anomalies would fill the memory with evidence that nobody asks for."""
    evidence = Evidence(rule=anomaly.evidence.rule, sample_size=anomaly.evidence.sample_size, windows=())
    return anomaly.model_copy(update={"evidence": evidence})


@dataclass
class WarmUp:
    """Silence up to ``until``, the newest window end that was published, and what is owed to readers after it.

    ``unresolved`` are the anomalies that readers hold open, by id; ``onsets`` those of their incidents.
    ``called`` are anomalies that were called in the window after ``until``, which is still to be judged.
    """

    until: datetime
    unresolved: dict[str, Anomaly]
    resolved: frozenset[str]
    onsets: dict[str, UtcTime]
    called: list[Anomaly] = field(default_factory=list)
    _judged_again: dict[str, Anomaly] = field(default_factory=dict)

    def hear(self, changed: Iterable[Anomaly]) -> None:
        """Take in, in order, what is not published because readers were told before."""
        mattering = (anomaly for anomaly in changed if anomaly.anomaly_id in self.unresolved)
        self._judged_again.update((anomaly.anomaly_id, anomaly) for anomaly in mattering)

    def finish(self, episodes: Iterable[Episode]) -> list[Anomaly]:
        """Let open episodes go on from what was published; return the final revisions of anomalies that are over."""
        held = {episode.anomaly_id: episode for episode in episodes}
        for anomaly_id, episode in held.items():
            episode.closed_on_topic = anomaly_id in self.resolved
            if anomaly_id in self.unresolved:
                self._adopt(episode, self.unresolved[anomaly_id])
        over = [each for anomaly_id, each in self.unresolved.items() if anomaly_id not in held]
        return [self._final(each) for each in sorted(over, key=lambda each: (each.window_start, each.anomaly_id))]

    def _adopt(self, episode: Episode, published: Anomaly) -> None:
        episode.revision = max(episode.revision, published.revision)
        episode.detected_at = min(episode.detected_at, published.detected_at)
        episode.incident = Incident(self.onsets[published.incident_id], published.incident_id)
        episode.severity = max(episode.severity, published.severity, key=lambda severity: severity.rank)

    def _final(self, published: Anomaly) -> Anomaly:
        known = self._judged_again.get(published.anomaly_id)
        revision = published.revision + 1
        if known is None or not known.resolved:
            return ended_unjudged(published, _UNWATCHED)
        severity = max(known.severity, published.severity, key=lambda severity: severity.rank)
        changes = {
            "revision": max(known.revision, revision),
            "incident_id": published.incident_id,
            "severity": severity,
        }
        return known.model_copy(update=changes)
