"""Recorded windows as a feed of counts, so that the live engine judges them as it judges anything else.

Only quantiles are known of the latencies, so requests are put at the quantile that covers their rank: the histogram
then has the recorded quantiles at their nearest ranks. What is not known is filled so that it cannot alarm: requests
below the lowest quantile lie at a third of it; a window without latencies has those of the one before it; a window
without an error ratio has no errors; a service without counts has the same number of requests in every window.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median

from contracts.histogram import ZERO_INDEX, bucket_index, nearest_rank
from contracts.times import EPOCH, WINDOW, window_start
from detector.open_episodes import JUDGING_DELAY
from detector.windows import WindowCounts
from evaluation.alarms import Alarm, Span
from evaluation.feed import Batch
from evaluation.windows_file import WindowRow

REQUESTS_WHEN_UNKNOWN = 10_000
"""So many that a recorded ratio of errors counts as exact to the last digit that was written."""

_BELOW_LOWEST = 1 / 3
"""The median lies so far below the p90 where latencies spread widely: log-normal with a sigma of 0.86."""

_LONGEST_LATENCY_SECONDS = 3600.0
_MINUTE = WINDOW.total_seconds()


@dataclass(frozen=True, slots=True)
class Recording:
    """Recorded windows of one length, in seconds.

    The engine's windows are minutes. Shorter ones are added up to minutes. Longer ones stand for a minute each: the
    engine's time then runs slower than the recording's by ``stretch``.
    """

    rows: Sequence[WindowRow]
    window_seconds: float

    @classmethod
    def of(cls, rows: Iterable[WindowRow]) -> "Recording":
        """Return the recording that rows are; the length of a window is the usual step between two of a service."""
        ordered = sorted(rows, key=lambda row: (row.start_seconds, row.service))
        starts: dict[str, list[float]] = {}
        for row in ordered:
            starts.setdefault(row.service, []).append(row.start_seconds)
        steps = [later - earlier for each in starts.values() for earlier, later in pairwise(each) if later > earlier]
        return cls(ordered, median(steps) if steps else _MINUTE)

    @property
    def stretch(self) -> float:
        """Recorded seconds that pass in a second of the engine's time; 1 unless windows are longer than a minute."""
        return max(1.0, self.window_seconds / _MINUTE)

    @property
    def span(self) -> Span:
        """The time from the first window's start to the last window's end."""
        if not self.rows:
            return Span(0.0, 0.0)
        return Span(self.rows[0].start_seconds, self.rows[-1].start_seconds + self.window_seconds)

    def batches(self) -> Iterator[Batch]:
        """Yield the counts minute by minute, each with the stream time that completes it."""
        fill = _Fill()
        for minute, rows in groupby(self.rows, key=lambda row: self._minute(row.start_seconds)):
            counts: dict[str, Counter[int]] = {}
            errors: dict[str, Counter[int]] = {}
            for row in rows:
                requests, failed = fill.histogram(row)
                counts.setdefault(row.service, Counter()).update(requests)
                errors.setdefault(row.service, Counter()).update(failed)
            each = tuple(_counts(minute, service, counts[service], errors[service]) for service in counts)
            yield Batch(each, minute + WINDOW + JUDGING_DELAY)

    def recorded_time(self, alarms: Iterable[Alarm]) -> list[Alarm]:
        """Return alarms of the engine's time in the time of the recording."""
        return [
            alarm._replace(
                start_seconds=self._recorded(alarm.start_seconds), end_seconds=self._recorded(alarm.end_seconds)
            )
            for alarm in alarms
        ]

    def _minute(self, start_seconds: float) -> datetime:
        first = self.rows[0].start_seconds
        if self.window_seconds < _MINUTE:
            return window_start(EPOCH + timedelta(seconds=start_seconds))
        # Counted in windows, so that clocks that wobble by a second put no two into one minute.
        return self._first_minute + round((start_seconds - first) / self.window_seconds) * WINDOW

    @property
    def _first_minute(self) -> datetime:
        return window_start(EPOCH + timedelta(seconds=self.rows[0].start_seconds))

    def _recorded(self, engine_seconds: float) -> float:
        if self.window_seconds < _MINUTE:
            return engine_seconds
        return self.rows[0].start_seconds + (engine_seconds - self._first_minute.timestamp()) * self.stretch


def _counts(minute: datetime, service: str, requests: Counter[int], errors: Counter[int]) -> WindowCounts:
    buckets = [(index, number, errors[index]) for index, number in sorted(requests.items()) if number > 0]
    return WindowCounts(minute, service, "", buckets)


class _Fill:
    """Makes histograms of rows, and remembers what the next row may lack."""

    def __init__(self) -> None:
        self._quantiles: dict[str, Mapping[int, float]] = {}
        self._requests: dict[str, float] = {}

    def histogram(self, row: WindowRow) -> tuple[Counter[int], Counter[int]]:
        """Return requests and errors by bucket."""
        quantiles = row.quantiles_ms or ({} if row.average_ms is None else {1000: row.average_ms})
        quantiles = quantiles or self._quantiles.get(row.service, {})
        self._quantiles[row.service] = quantiles
        known = self._requests.get(row.service, REQUESTS_WHEN_UNKNOWN) if row.requests is None else row.requests
        self._requests[row.service] = known
        requests = _by_rank(round(known), quantiles)
        return requests, _failed(requests, round((row.error_ratio or 0.0) * known))


def _by_rank(requests: int, quantiles: Mapping[int, float]) -> Counter[int]:
    """Put each request at the latency of the lowest quantile that covers its rank."""
    if requests == 0 or not quantiles:
        return Counter({ZERO_INDEX: requests})
    ordered = sorted(quantiles.items())
    lowest, below = ordered[0][1], nearest_rank(requests, ordered[0][0]) - 1
    found = Counter({_bucket(lowest * _BELOW_LOWEST): below})
    for per_mille, latency_ms in ordered:
        rank = nearest_rank(requests, per_mille)
        found[_bucket(latency_ms)] += max(0, rank - below)
        below = max(below, rank)
    found[_bucket(ordered[-1][1])] += requests - below
    return found


def _bucket(latency_ms: float) -> int:
    return bucket_index(min(latency_ms / 1000, _LONGEST_LATENCY_SECONDS))


def _failed(requests: Counter[int], errors: int) -> Counter[int]:
    """Spread errors over the buckets, the fastest first: which requests failed is not recorded."""
    failed: Counter[int] = Counter()
    for index, number in sorted(requests.items()):
        failed[index] = min(number, errors)
        errors -= failed[index]
    return failed
