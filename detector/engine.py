"""The engine: counts and stream time in, anomalies out. It knows no Kafka, no clock and no file.

Windows are judged one by one in order of time, each by what was judged before it, so that it does not matter how far
stream time moves at once. Minutes in which nothing was counted are looked at only while an anomaly is open.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from contracts import times
from contracts.anomalies import Anomaly
from contracts.records import UtcTime
from contracts.times import WINDOW
from detector.decision import Verdict
from detector.detection import Detection
from detector.episodes import Episode
from detector.history import ServiceHistory
from detector.incidents import Ended
from detector.open_episodes import JUDGING_DELAY, OpenEpisodes
from detector.rules import Rule
from detector.settings import DetectorSettings
from detector.warm_up import WarmUp
from detector.windows import OpenWindows, ServiceCounts, WindowCounts


@dataclass
class EngineState:
    """All that the engine knows between two windows.

    ``judged_until`` is the end of the newest judged minute, ``called`` what was called in the one after it.
    """

    judged_until: UtcTime | None = None
    services: dict[str, ServiceHistory] = field(default_factory=dict)
    episodes: list[Episode] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    called: list[Anomaly] = field(default_factory=list)
    open_windows: list[WindowCounts] = field(default_factory=list)


class Engine:
    """Judges windows by stream time."""

    def __init__(
        self, settings: DetectorSettings, state: EngineState | None = None, warm_up: WarmUp | None = None
    ) -> None:
        """Start afresh, or go on from a state; with ``warm_up``, in silence up to what readers were told."""
        known = EngineState() if state is None else state
        episodes = OpenEpisodes(settings, known.episodes, known.ended)
        self._detection = Detection(settings, known.services, episodes, known.called)
        self._windows = OpenWindows(known.open_windows)
        self._warm_up = warm_up
        self.judged_until: datetime | None = known.judged_until

    @property
    def is_silent(self) -> bool:
        """Whether it has not yet reached what readers were told before a restart."""
        return self._warm_up is not None

    @property
    def episodes_open(self) -> int:
        """Anomalies that are open."""
        return len(self._detection.episodes)

    @property
    def services(self) -> dict[str, ServiceHistory]:
        """The past of every service that is not forgotten, the one known longest first."""
        return self._detection.services

    def take_verdicts(self) -> Counter[tuple[Rule, Verdict]]:
        """Return the number of judgements by rule and verdict since the last call."""
        verdicts, self._detection.verdicts = self._detection.verdicts, Counter()
        return verdicts

    def state(self) -> EngineState:
        """Return what another engine needs to go on; valid until this one is given more."""
        detection = self._detection
        return EngineState(
            judged_until=self.judged_until,
            services=detection.services,
            episodes=detection.episodes.all(),
            ended=detection.episodes.ended,
            called=detection.early.all(),
            open_windows=self._windows.counts(),
        )

    def feed(self, counts: Iterable[WindowCounts], stream_time: datetime) -> list[Anomaly]:
        """Take in counts, then judge what stream time has completed: ``add`` and ``advance`` in one."""
        for each in counts:
            self.add(each)
        return self.advance(stream_time)

    def add(self, counts: WindowCounts) -> bool:
        """Take in cumulative counts; False, and no change, when their window is judged already."""
        if self.judged_until is not None and counts.window_start < self.judged_until:
            return False
        self._windows.add(counts)
        return True

    def advance(self, stream_time: datetime) -> list[Anomaly]:
        """Judge every window that ended ``JUDGING_DELAY`` before ``stream_time``; return what changed, in order.

        Then call what the next window makes certain although it is not over. Stream time that stands still, or goes
        back, judges nothing.
        """
        until = times.window_start(stream_time - JUDGING_DELAY)
        changed: list[Anomaly] = []
        if self.judged_until is None or until > self.judged_until:
            changed = self._judge_until(until)
        return changed + self._call_early(stream_time)

    def _judge_until(self, until: datetime) -> list[Anomaly]:
        changed: list[Anomaly] = []
        for window_start in self._windows.starting_before(until):
            changed += self._pass_silence(window_start)
            changed += self._judge(window_start, self._windows.close(window_start))
        changed += self._pass_silence(until)
        return changed + self._end_warm_up(until)

    def _call_early(self, stream_time: datetime) -> list[Anomaly]:
        """Look at the window after the judged ones, which is the only one with all of its past known."""
        if self.judged_until is None or self._warm_up is not None:
            return []
        return self._detection.call_early(self.judged_until, self._windows.look(self.judged_until), stream_time)

    def _pass_silence(self, until: datetime) -> list[Anomaly]:
        """Judge the minutes without counts before ``until`` while an anomaly waits for its end; skip the others."""
        changed: list[Anomaly] = []
        while self._awaits_an_end and self.judged_until is not None and self.judged_until < until:
            changed += self._judge(self.judged_until, {})
        self.judged_until = until
        return changed

    @property
    def _awaits_an_end(self) -> bool:
        return self.episodes_open > 0 or bool(self._detection.early.all())

    def _judge(self, window_start: datetime, counted: dict[str, ServiceCounts]) -> list[Anomaly]:
        owed = self._end_warm_up(window_start)
        changed = self._detection.judge(window_start, counted)
        self.judged_until = window_start + WINDOW
        if self._warm_up is None:
            return owed + changed
        self._warm_up.hear(changed)
        return owed

    def _end_warm_up(self, judged_until: datetime) -> list[Anomaly]:
        """Break the silence where everything that readers were told of has been judged again."""
        if self._warm_up is None or judged_until < self._warm_up.until:
            return []
        warm_up, self._warm_up = self._warm_up, None
        self._detection.early.add(warm_up.called)
        return warm_up.finish(self._detection.episodes.all())
