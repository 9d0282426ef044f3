"""The past of one service: its judged windows of the last hour, and what they say is usual."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from contracts.records import UtcTime
from contracts.times import WINDOW
from detector.measurement import Measured
from detector.scoring import UNKNOWN, Score, Usual

BASELINE_SPAN = timedelta(minutes=60)


class JudgedWindow(NamedTuple):
    """A window with requests and its scores, in the order of ``Rule``."""

    measured: Measured
    scores: tuple[Score, ...]

    @property
    def usual(self) -> Usual:
        """What was usual when the window was judged."""
        return Usual(*(score.expected for score in self.scores))


class Span(NamedTuple):
    """Time from ``start`` up to, not including, ``end``."""

    start: UtcTime
    end: UtcTime


@dataclass(slots=True)
class ServiceHistory:
    """Windows with requests of the last hour, oldest first, and the resolved anomalies that reach into it."""

    windows: deque[JudgedWindow] = field(default_factory=deque)
    alerted: list[Span] = field(default_factory=list)

    @property
    def last_seen(self) -> datetime:
        """End of the newest window with requests."""
        return self.windows[-1].measured.window_start + WINDOW

    def usual(self, window_start: datetime, alerted_since: datetime | None, min_windows: int) -> Usual:
        """Return what is usual by the un-alerted windows of the hour before a window.

        Where alerts leave too few of them, the last known baseline holds: an anomaly that outlasts the hour would
        otherwise use up what it is judged by.

        Args:
            window_start: of the window to judge.
            alerted_since: start of the oldest anomaly of the service that is open, None without one.
            min_windows: how many windows a ratio of errors needs.
        """
        hour = [w for w in self.windows if w.measured.window_start >= window_start - BASELINE_SPAN]
        alerted = self.alerted if alerted_since is None else [*self.alerted, Span(alerted_since, window_start)]
        calm = [w.measured for w in hour if not _is_within(w.measured.window_start, alerted)]
        held = hour[-1].usual if len(calm) < len(hour) else UNKNOWN
        return Usual(
            _error_ratio(calm) if len(calm) >= min_windows else held.error_ratio,
            _median_p95(calm) if calm else held.latency_p95_seconds,
        )

    def append(self, window: JudgedWindow) -> None:
        """Add a judged window with requests; what is older than an hour before the next is forgotten."""
        self.windows.append(window)
        oldest = window.measured.window_start - BASELINE_SPAN
        while self.windows[0].measured.window_start <= oldest:
            self.windows.popleft()
        self.alerted = [span for span in self.alerted if span.end > oldest]

    def cover(self, start: datetime, end: datetime) -> None:
        """Leave the windows of a resolved anomaly out of the baseline."""
        self.alerted.append(Span(start, end))

    def minutes_until(self, window_start: datetime, count: int) -> list[tuple[datetime, JudgedWindow | None]]:
        """Return the last ``count`` minutes up to a window, oldest first; None stands for one without requests.

        Minutes before the first known window are left out.
        """
        known = {window.measured.window_start: window for window in self.windows}
        minutes = [window_start - back * WINDOW for back in reversed(range(count))]
        first = min(known)
        return [(minute, known.get(minute)) for minute in minutes if minute >= first]


def _is_within(moment: datetime, spans: list[Span]) -> bool:
    return bool(spans) and any(span.start <= moment < span.end for span in spans)


def _error_ratio(windows: list[Measured]) -> float:
    return sum(window.errors for window in windows) / sum(window.requests for window in windows)


def _median_p95(windows: list[Measured]) -> float | None:
    known = [window.latency_p95_seconds for window in windows if window.latency_p95_seconds is not None]
    return median(known) if known else None
