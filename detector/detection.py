"""Judges one window after the other: what is remembered of services goes in, changed anomalies come out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from contracts.anomalies import Anomaly
from detector.decision import Verdict
from detector.episodes import Episode
from detector.history import JudgedWindow, ServiceHistory
from detector.judgement import Judgement, judge
from detector.open_episodes import Change, OpenEpisodes
from detector.revision import revision
from detector.rules import Rule
from detector.scoring import UNKNOWN
from detector.settings import DetectorSettings
from detector.windows import Endpoints

FORGET_AFTER = timedelta(hours=24)
"""A service without requests for this long, in stream time, is forgotten."""


class Detection:
    """The past of every service, the anomalies that are open, and a count of verdicts since it was made."""

    def __init__(
        self, settings: DetectorSettings, services: dict[str, ServiceHistory], episodes: Iterable[Episode]
    ) -> None:
        self._settings = settings
        self.services = services
        self.episodes = OpenEpisodes(episodes)
        self.verdicts: Counter[tuple[Rule, Verdict]] = Counter()

    def judge(self, window_start: datetime, counted: dict[str, Endpoints]) -> list[Anomaly]:
        """Judge a window; return the anomalies that changed: first those that ended, then by service and type.

        Whoever finds a ``window_end`` of this window on the topic can so be sure that all endings are there. Of the
        others none is lost when publishing stops half-way: they are open and have an ending to come.
        """
        self._forget(window_start)
        concerned = sorted(counted.keys() | self.episodes.services())
        judgements = [self._judgement(service, window_start, counted.get(service, {})) for service in concerned]
        for judgement in judgements:
            self._remember(judgement)
        self._count(judgements)
        changed = [
            revision(change.episode, self.services[change.episode.service], window_start, change.ending)
            for change in self._changes(judgements)
        ]
        return sorted(changed, key=lambda anomaly: (not anomaly.resolved, anomaly.service, anomaly.anomaly_type))

    def _forget(self, window_start: datetime) -> None:
        gone = [name for name, past in self.services.items() if past.last_seen + FORGET_AFTER <= window_start]
        for service in gone:
            del self.services[service]

    def _judgement(self, service: str, window_start: datetime, endpoints: Endpoints) -> Judgement:
        past, usual = self.services.get(service), UNKNOWN
        if past is not None:
            alerted_since = self.episodes.alerted_since(service)
            usual = past.usual(window_start, alerted_since, self._settings.detector_baseline_windows)
        return judge(service, window_start, endpoints, usual, self._settings)

    def _remember(self, judgement: Judgement) -> None:
        if judgement.measured.requests > 0:
            past = self.services.setdefault(judgement.service, ServiceHistory())
            past.append(JudgedWindow(judgement.measured, judgement.scores))

    def _count(self, judgements: Sequence[Judgement]) -> None:
        silent = len(self.services.keys() - {judgement.service for judgement in judgements})
        for rule in Rule:
            self.verdicts.update((rule, judgement.verdict(rule)) for judgement in judgements)
            self.verdicts[rule, Verdict.NO_DATA] += silent

    def _changes(self, judgements: Sequence[Judgement]) -> list[Change]:
        """Move the episodes; what ends leaves the baseline, and is told unless readers were told before a restart."""
        changes = self.episodes.take(judgements, self._settings)
        for episode, ending in changes:
            if ending is not None:
                self.services[episode.service].cover(episode.window_start, episode.window_end)
        return [change for change in changes if not change.episode.closed_on_topic]
