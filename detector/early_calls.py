"""Early calls: anomalies that a window is certain to open, told before the window is over.

Counts of a window only grow, and what is far beyond in it is counted against a limit that the windows before it set.
So what is certain while the window is counted is still so when it is judged: calling early changes when an anomaly is
told, never which there are.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from contracts.anomalies import Anomaly
from detector.decision import is_far
from detector.episodes import BadWindow
from detector.evidence import Surroundings
from detector.judgement import Case, Judgement, case_scores, judge, observe
from detector.open_episodes import Key, OpenEpisodes, bad_window
from detector.revision import ended_unjudged, revision
from detector.rules import RULES, Rule
from detector.settings import DetectorSettings

_WITHDRAWN = "withdrawn, because what was counted then is not known any more"


class EarlyCalls:
    """The anomalies that were called in the window that is being counted."""

    def __init__(self, settings: DetectorSettings, episodes: OpenEpisodes, called: Iterable[Anomaly]) -> None:
        self._settings, self._episodes = settings, episodes
        self._called = {(each.service, Rule(each.evidence.rule)): each for each in called}

    def all(self) -> list[Anomaly]:
        """Return what was called and is not confirmed yet."""
        return list(self._called.values())

    def add(self, called: Iterable[Anomaly]) -> None:
        """Take in what readers were told before a restart."""
        self._called.update(((each.service, Rule(each.evidence.rule)), each) for each in called)

    def take(self, window_start: datetime) -> Mapping[Key, Anomaly]:
        """Return and forget what was called in windows up to one that is judged."""
        taken = {key: each for key, each in self._called.items() if each.window_end > window_start}
        self._called = {}
        return taken

    def call(self, case: Case, stream_time: datetime) -> list[Anomaly]:
        """Return what a service's counts so far make certain and was not called yet."""
        service, seen = case.service, observe(case, self._settings)
        far = [score.rule for score in case_scores(case, seen, self._settings) if is_far(score)]
        new = [rule for rule in far if (service, rule) not in self._called and not self._episodes.has(service, rule)]
        if not new:
            return []
        judgement = judge(case, self._settings)
        bad = [bad_window(judgement, rule) for rule in new]
        called = [self._anomaly(judgement, each, case, stream_time) for each in bad if each is not None]
        self.add(called)
        return called

    def _anomaly(self, judgement: Judgement, bad: BadWindow, case: Case, stream_time: datetime) -> Anomaly:
        incidents = self._episodes.incidents()
        start = judgement.begins[RULES.index(bad.rule)] or bad.window_start
        episode = self._episodes.opened(judgement, bad, start, Surroundings([judgement]), incidents)
        episode.detected_at = min(stream_time, episode.detected_at)
        return revision(episode, case.history, bad.window_start, None, judgement.judged)

    def withdrawn(self, called: Iterable[Anomaly], changed: Iterable[Anomaly]) -> list[Anomaly]:
        """Return an end for each call that the judged window did not confirm, as after counts were lost."""
        confirmed = {each.anomaly_id for each in changed}
        return [ended_unjudged(each, _WITHDRAWN) for each in called if each.anomaly_id not in confirmed]
