"""The open episodes of all services: opened, extended and resolved by what a window says."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.anomalies import EvidenceService
from contracts.times import WINDOW
from detector.episodes import WHOLE_SERVICE, BadWindow, Ending, Episode, anomaly_id
from detector.evidence import Surroundings, worst_endpoints
from detector.incidents import Incident, incident_of
from detector.judgement import Judgement
from detector.rules import RULES, Rule
from detector.settings import DetectorSettings


class Change(NamedTuple):
    """An episode that a window opened, extended or ended; ``ending`` says why it is over, None while it is open."""

    episode: Episode
    ending: Ending | None


class OpenEpisodes:
    """At most one episode for each service and rule."""

    def __init__(self, episodes: Iterable[Episode] = ()) -> None:
        self._open = {(episode.service, episode.rule): episode for episode in episodes}

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def all(self) -> list[Episode]:
        """Return them, the oldest first."""
        return list(self._open.values())

    def services(self) -> set[str]:
        """Return the services that have one."""
        return {service for service, _ in self._open}

    def alerted_since(self, service: str) -> datetime | None:
        """Return the start of the oldest one of a service, None without one."""
        episodes = [self._open.get((service, rule)) for rule in RULES]
        return min((episode.window_start for episode in episodes if episode is not None), default=None)

    def take(self, judgements: Sequence[Judgement], settings: DetectorSettings) -> list[Change]:
        """Take in the judgements of one window, sorted by service; return what changed.

        Which incident an anomaly joins does not depend on what the same window resolves.
        """
        surroundings = Surroundings(judgements, settings)
        incidents = {episode.incident for episode in self._open.values()}
        changes: list[Change] = []
        for judgement in judgements:
            for rule in RULES:
                bad = _bad_window(judgement, rule)
                if bad is None:
                    changes += self._pass_over(judgement, rule, settings.detector_resolve_windows)
                else:
                    changes += self._take_bad(judgement.service, rule, bad, surroundings, incidents)
        return changes

    def _take_bad(
        self, service: str, rule: Rule, bad: BadWindow, surroundings: Surroundings, incidents: set[Incident]
    ) -> list[Change]:
        known = self._open.get((service, rule))
        others = surroundings.of(service)
        if known is not None and not known.closed_on_topic:
            known.extend(bad, others)
            return [Change(known, None)]
        opened = self._open[service, rule] = _opened(service, rule, bad, others, incidents)
        incidents.add(opened.incident)
        return [Change(each, end) for each, end in ((known, Ending.BACK_TO_NORMAL), (opened, None)) if each is not None]

    def _pass_over(self, judgement: Judgement, rule: Rule, resolve_windows: int) -> list[Change]:
        episode = self._open.get((judgement.service, rule))
        ending = None if episode is None else episode.pass_over(judgement.verdict(rule), resolve_windows)
        if episode is None or ending is None:
            return []
        del self._open[episode.service, episode.rule]
        return [Change(episode, ending)]


def _opened(
    service: str, rule: Rule, bad: BadWindow, others: tuple[EvidenceService, ...], incidents: Iterable[Incident]
) -> Episode:
    start = bad.window_start
    incident = incident_of(anomaly_id(service, WHOLE_SERVICE, rule.anomaly_type, start), start, incidents)
    return Episode(service, rule, start, start + WINDOW, bad.severity, bad, others, incident)


def _bad_window(judgement: Judgement, rule: Rule) -> BadWindow | None:
    score, (_, severity) = judgement.scores[RULES.index(rule)], judgement.decisions[RULES.index(rule)]
    if severity is None or score.value is None or score.threshold is None:
        return None
    endpoints = worst_endpoints(judgement, rule, score.threshold)
    start, requests = judgement.measured.window_start, judgement.measured.requests
    return BadWindow(start, requests, score.value, score.expected, score.threshold, severity, endpoints)
