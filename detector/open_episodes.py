"""The open episodes of all services: opened, extended and resolved by what a window says."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.anomalies import INCIDENT_JOIN, Anomaly
from contracts.times import WINDOW
from detector.acceptance import is_new_normal
from detector.episodes import BadWindow, Ending, Episode
from detector.evidence import Surroundings, worst_endpoints
from detector.incidents import Ended, Incident, Opening, incident_of
from detector.judgement import Judgement
from detector.rules import RULES, Rule
from detector.scoring import SECONDS, Score
from detector.settings import DetectorSettings

JUDGING_DELAY = timedelta(seconds=10)
"""A window is judged when stream time is this far past its end: events may be out of order by less than this."""

Key = tuple[str, Rule]
"""An episode's service and rule."""


class Change(NamedTuple):
    """An episode that a window opened, extended or ended; ``ending`` says why it is over, None while it is open."""

    episode: Episode
    ending: Ending | None


class _Context(NamedTuple):
    """What there is around a bad window: other services, incidents open before it, and what was called in it."""

    surroundings: Surroundings
    incidents: set[Incident]
    called: Mapping[Key, Anomaly]


class OpenEpisodes:
    """At most one episode for each service and rule."""

    def __init__(
        self, settings: DetectorSettings, episodes: Iterable[Episode] = (), ended: Iterable[Ended] = ()
    ) -> None:
        self._settings = settings
        self._open: dict[Key, Episode] = {(episode.service, episode.rule): episode for episode in episodes}
        self._cooldown = timedelta(minutes=settings.detector_cooldown_minutes)
        self.ended = list(ended)

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def all(self) -> list[Episode]:
        """Return them, the oldest first."""
        return list(self._open.values())

    def services(self) -> set[str]:
        """Return the services that have one."""
        return {service for service, _ in self._open}

    def has(self, service: str, rule: Rule) -> bool:
        """Whether one is open."""
        return (service, rule) in self._open

    def alerted_since(self, service: str) -> datetime | None:
        """Return the start of the oldest one of a service that has a baseline to protect, None without one."""
        if not self._open:
            return None
        episodes = (self._open.get((service, rule)) for rule in RULES)
        starts = [episode.window_start for episode in episodes if episode is not None and episode.has_baseline]
        return min(starts, default=None)

    def take(self, judgements: Sequence[Judgement], called: Mapping[Key, Anomaly]) -> list[Change]:
        """Take in the judgements of one window, sorted by service; return what changed.

        Which incident an anomaly joins depends on what was open before the window, not on its other services.

        Args:
            judgements: of the window.
            called: anomalies that were called before the window was over.
        """
        context = _Context(Surroundings(judgements), self.incidents(), called)
        changes: list[Change] = []
        for judgement in judgements:
            for rule in RULES:
                bad = bad_window(judgement, rule)
                if bad is not None:
                    changes += self._take_bad(judgement, bad, context)
                elif (judgement.service, rule) in self._open:
                    changes += self._pass_over(judgement, rule)
        self._settle_onsets()
        return changes

    def opened(
        self,
        judgement: Judgement,
        bad: BadWindow,
        start: datetime,
        surroundings: Surroundings,
        incidents: Iterable[Incident],
    ) -> Episode:
        """Return the episode that opens with a bad window, without opening it; ``start`` is that of its first one."""
        opening = Opening(judgement.service, bad.rule, start, bad.window_start)
        return Episode(
            service=judgement.service,
            rule=bad.rule,
            window_start=start,
            window_end=bad.window_start + WINDOW,
            detected_at=bad.window_start + WINDOW + JUDGING_DELAY,
            severity=bad.severity,
            worst=bad,
            services=surroundings.of(judgement.service),
            incident=incident_of(opening, incidents, self.ended, self._cooldown),
            never_seen_days=judgement.unseen_days[RULES.index(bad.rule)],
            has_baseline=bad.expected is not None,
        )

    def incidents(self) -> set[Incident]:
        """Return the incidents that are open."""
        return {episode.incident for episode in self._open.values()}

    def _take_bad(self, judgement: Judgement, bad: BadWindow, context: _Context) -> list[Change]:
        key = (judgement.service, bad.rule)
        known = self._open.get(key)
        if known is not None and not known.closed_on_topic:
            known.extend(bad, context.surroundings.of(judgement.service))
            if not is_new_normal(known, bad, self._settings):
                return [Change(known, None)]
            return [self._end(known, Ending.NEW_NORMAL)]
        # What readers hold resolved keeps its windows: another one begins with this window.
        start = judgement.begins[RULES.index(bad.rule)] if known is None else bad.window_start
        if start is None:
            return []
        changes = [] if known is None else [self._end(known, Ending.BACK_TO_NORMAL)]
        episode = self.opened(judgement, bad, start, context.surroundings, context.incidents)
        self._open[key] = _as_called(episode, context.called.get(key))
        return [*changes, Change(self._open[key], None)]

    def _pass_over(self, judgement: Judgement, rule: Rule) -> list[Change]:
        episode = self._open[judgement.service, rule]
        ending = episode.pass_over(judgement.verdict(rule), self._settings.detector_resolve_windows)
        return [] if ending is None else [self._end(episode, ending)]

    def _end(self, episode: Episode, ending: Ending) -> Change:
        del self._open[episode.service, episode.rule]
        oldest = episode.window_end - self._cooldown - INCIDENT_JOIN
        self.ended = [each for each in self.ended if each.window_end > oldest]
        self.ended.append(Ended(episode.service, episode.rule, episode.window_end, episode.incident))
        return Change(episode, ending)

    def _settle_onsets(self) -> None:
        """Let the onset of every incident be that of its first anomaly, also where a later one began earlier."""
        onsets: dict[str, datetime] = {}
        for episode in self._open.values():
            known = onsets.get(episode.incident.incident_id, episode.incident.onset)
            onsets[episode.incident.incident_id] = min(known, episode.incident.onset, episode.window_start)
        for episode in self._open.values():
            incident_id = episode.incident.incident_id
            episode.incident = Incident(onsets[incident_id], incident_id)


def _as_called(episode: Episode, called: Anomaly | None) -> Episode:
    """Let an episode go on from what readers were told before the window was over."""
    if called is not None and called.anomaly_id == episode.anomaly_id:
        episode.revision = called.revision + 1
        episode.detected_at = min(episode.detected_at, called.detected_at)
        episode.incident = episode.incident._replace(incident_id=called.incident_id)
    return episode


def bad_window(judgement: Judgement, rule: Rule) -> BadWindow | None:
    """Return what a rule found bad in a window; None when it found nothing."""
    number = RULES.index(rule)
    score, decision = judgement.scores[number], judgement.decisions[number]
    if decision.severity is None or score.value is None or score.threshold is None:
        return None
    return BadWindow(
        rule=rule,
        window_start=judgement.measured.window_start,
        requests=_sample_size(judgement, score),
        value=score.value,
        expected=score.expected,
        threshold=score.threshold,
        severity=decision.severity,
        endpoints=worst_endpoints(judgement, rule, score.threshold),
        seconds_before=score.seconds_before,
    )


def _sample_size(judgement: Judgement, score: Score) -> int:
    if score.rule not in (Rule.TRAFFIC_DROP, Rule.TRAFFIC_SURGE):
        return judgement.seen.sample.requests
    if score.seconds_before > 0 and score.value is not None:
        return round(score.value * SECONDS)
    return judgement.measured.requests
