"""Judges one window after the other: what is remembered of services goes in, changed anomalies come out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.anomalies import Anomaly
from contracts.times import EPOCH, WINDOW
from detector.arrivals import NO_ARRIVALS, silent_thirds, thirds_over
from detector.decision import Verdict
from detector.early_calls import EarlyCalls
from detector.episodes import Ending, Episode
from detector.history import BASELINE_MINUTES, Past, ServiceHistory, minute_of
from detector.judgement import Case, Judgement, Window, judge
from detector.open_episodes import JUDGING_DELAY, Change, OpenEpisodes
from detector.revision import revision
from detector.rules import RULES, Rule
from detector.settings import DetectorSettings
from detector.usual import UNKNOWN, Usual
from detector.windows import ServiceCounts

FORGET_AFTER = timedelta(hours=24)
"""A service without requests for this long, in stream time, is forgotten."""

SILENT_AFTER = BASELINE_MINUTES * WINDOW
"""For this long a service that had requests is missed when it has none."""

THIN_FACTOR = 4
"""Windows with fewer than this times the requests of a sample are kept to be pooled with; larger ones would drown a
thin window."""

_NOTHING = ServiceCounts({}, NO_ARRIVALS)
"""What is counted for a service that has no request in a window."""

_NEW = ServiceHistory()
"""What is remembered of a service that was never seen."""


class _Prepared(NamedTuple):
    """What a window is judged by, worked out once although the window may be looked at many times before it is over."""

    window_start: datetime
    alerted_minutes: frozenset[int]
    usual: dict[str, Usual]


class Detection:
    """The past of every service, the anomalies that are open, and a count of verdicts since it was made."""

    def __init__(
        self,
        settings: DetectorSettings,
        services: dict[str, ServiceHistory],
        episodes: OpenEpisodes,
        called: Iterable[Anomaly],
    ) -> None:
        self._settings = settings
        self.services = services
        self.episodes = episodes
        self.early = EarlyCalls(settings, episodes, called)
        self._prepared = _Prepared(EPOCH, frozenset(), {})
        self.verdicts: Counter[tuple[Rule, Verdict]] = Counter()

    def judge(self, window_start: datetime, counted: Mapping[str, ServiceCounts]) -> list[Anomaly]:
        """Judge a window; return the anomalies that changed: first those that ended, then by service and type.

        Whoever finds a ``window_end`` of this window on the topic can so be sure that all endings are there. Of the
        others none is lost when publishing stops half-way: they are open and have an ending to come.
        """
        self._forget(window_start)
        anybody = any(has_requests(counts) for counts in counted.values())
        concerned = sorted(counted.keys() | self.episodes.services() | self._missed(window_start, anybody=anybody))
        window = Window(window_start, anybody)
        counts = _without_silence({service: counted.get(service, _NOTHING) for service in concerned})
        judgements = [self._judgement(service, window, counts[service]) for service in concerned]
        called = self.early.take(window_start)
        for judgement in judgements:
            self._remember(judgement)
        self._count(judgements)
        changed = [self._revision(change, window_start) for change in self._changes(judgements, called)]
        changed += self.early.withdrawn(called.values(), changed)
        return sorted(changed, key=lambda anomaly: (not anomaly.resolved, anomaly.service, anomaly.anomaly_type))

    def call_early(
        self, window_start: datetime, counted: Mapping[str, ServiceCounts], stream_time: datetime
    ) -> list[Anomaly]:
        """Return the anomalies that a window is certain to open although it is not over; each is returned once."""
        window = Window(window_start, anybody=True, thirds_over=thirds_over(window_start, stream_time - JUDGING_DELAY))
        missed = self._missed(window_start, anybody=window.thirds_over > 0)
        counts = _without_silence({**dict.fromkeys(missed, _NOTHING), **counted})
        return [
            anomaly
            for service in sorted(counts)
            if service in self.services
            for anomaly in self.early.call(self._case(service, window, counts[service]), stream_time)
        ]

    def _usual(self, service: str, window_start: datetime) -> Usual:
        """Return what is usual at a window: nothing that it rests on changes until the window is judged."""
        if self._prepared.window_start != window_start:
            self._prepared = _Prepared(window_start, self._alerted_before(window_start), {})
        usual = self._prepared.usual.get(service)
        if usual is None:
            usual = self._prepared.usual[service] = self._usual_now(service, window_start)
        return usual

    def _usual_now(self, service: str, window_start: datetime) -> Usual:
        past = self.services.get(service)
        if past is None:
            return UNKNOWN
        seen_from = Past(window_start, self.episodes.alerted_since(service), self._prepared.alerted_minutes)
        return past.usual(seen_from, self._settings, self._settings.error_budget(service))

    def _alerted_before(self, window_start: datetime) -> frozenset[int]:
        """Return the minutes of the last hour in which any service had an anomaly."""
        now = minute_of(window_start)
        spans = [
            (minute_of(span.start), minute_of(span.end)) for past in self.services.values() for span in past.alerted
        ]
        spans += [(minute_of(episode.window_start), now) for episode in self.episodes.all() if episode.has_baseline]
        hour = range(now - BASELINE_MINUTES, now)
        return frozenset(minute for start, end in spans for minute in range(max(start, hour.start), min(end, now)))

    def _forget(self, window_start: datetime) -> None:
        gone = [name for name, past in self.services.items() if past.last_seen + FORGET_AFTER <= window_start]
        for service in gone:
            del self.services[service]

    def _missed(self, window_start: datetime, *, anybody: bool) -> set[str]:
        """Return the services that had requests lately; nobody is missed while the whole pipeline is silent."""
        if not anybody:
            return set()
        return {name for name, past in self.services.items() if past.last_seen > window_start - SILENT_AFTER}

    def _judgement(self, service: str, window: Window, counts: ServiceCounts) -> Judgement:
        return judge(self._case(service, window, counts), self._settings)

    def _case(self, service: str, window: Window, counts: ServiceCounts) -> Case:
        past = self.services.get(service, _NEW)
        return Case(service, window, counts, past, self._usual(service, window.start))

    def _remember(self, judgement: Judgement) -> None:
        requests = judgement.measured.requests
        if requests > 0:
            past = self.services.setdefault(judgement.service, ServiceHistory())
        elif judgement.seen.traffic_minutes > 0 and judgement.service in self.services:
            past = self.services[judgement.service]
        else:
            return
        is_thin = requests < THIN_FACTOR * self._settings.detector_min_requests
        thin = judgement.seen.histogram if is_thin else None
        past.append(judgement.judged, judgement.usual, thin, self._settings.detector_pool_minutes)

    def _count(self, judgements: Sequence[Judgement]) -> None:
        silent = len(self.services.keys() - {judgement.service for judgement in judgements})
        for rule in Rule:
            self.verdicts.update((rule, judgement.verdict(rule)) for judgement in judgements)
            self.verdicts[rule, Verdict.NO_DATA] += silent

    def _changes(self, judgements: Sequence[Judgement], called: Mapping[tuple[str, Rule], Anomaly]) -> list[Change]:
        """Move the episodes; what ends leaves the baseline, and is told unless readers were told before a restart."""
        changes = self.episodes.take(judgements, called)
        for episode, ending in changes:
            past = self.services[episode.service]
            if ending is Ending.BACK_TO_NORMAL:
                past.habits.ended(RULES.index(episode.rule), minute_of(episode.window_end), bad_minutes(episode))
            if ending is Ending.NEW_NORMAL:
                past.accept(episode.window_start)
            elif ending is not None and (episode.has_baseline or self._was_a_fault(episode)):
                past.cover(episode.window_start, episode.window_end)
        return [change for change in changes if not change.episode.closed_on_topic]

    def _was_a_fault(self, episode: Episode) -> bool:
        """Whether an anomaly that was held against a promise alone ended before its own windows made a baseline."""
        return bad_minutes(episode) < self._settings.detector_baseline_windows

    def _revision(self, change: Change, window_start: datetime) -> Anomaly:
        return revision(change.episode, self.services[change.episode.service], window_start, change.ending)


def bad_minutes(episode: Episode) -> int:
    """Return how many minutes lie between the first bad window of an episode and its last, both included."""
    return (episode.window_end - episode.window_start) // WINDOW


def has_requests(counts: ServiceCounts) -> bool:
    """Whether anything was counted."""
    return any(requests > 0 for histogram in counts.endpoints.values() for requests, _ in histogram.values())


def _without_silence(counted: Mapping[str, ServiceCounts]) -> Mapping[str, ServiceCounts]:
    silent = silent_thirds([counts.thirds for counts in counted.values()])
    if not silent:
        return counted
    return {service: counts._replace(thirds=counts.thirds.without(silent)) for service, counts in counted.items()}
