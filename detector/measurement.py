"""What one window of a service, or of one endpoint, measured; and the sample that a thin window is pooled into."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from contracts.histogram import ZERO_THRESHOLD_SECONDS, bucket_index, quantile_seconds, representative_seconds
from contracts.records import UtcTime
from detector.windows import Histogram

P95_PER_MILLE = 950


class Measured(NamedTuple):
    """``latency_p95_seconds`` is None in a window without requests."""

    window_start: UtcTime
    requests: int
    errors: int
    latency_p95_seconds: float | None

    @property
    def error_ratio(self) -> float | None:
        """Share of failed requests, 0 to 1; None without requests."""
        return self.errors / self.requests if self.requests > 0 else None


class Sample(NamedTuple):
    """What errors and latency are judged by: the window, with thin windows before it where it is thin itself.

    ``windows`` is how many minutes it covers; ``requests``, ``errors`` and ``latency_p95_seconds`` are of all of them.
    """

    windows: int
    requests: int
    errors: int
    latency_p95_seconds: float | None

    @property
    def error_ratio(self) -> float | None:
        """Share of failed requests, 0 to 1; None without requests."""
        return self.errors / self.requests if self.requests > 0 else None


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """Return the histogram of everything that the given ones counted."""
    total: Histogram = {}
    for histogram in histograms:
        for index, (requests, errors) in histogram.items():
            known = total.get(index)
            total[index] = (requests, errors) if known is None else (known[0] + requests, known[1] + errors)
    return total


def measure(window_start: UtcTime, histograms: Iterable[Histogram]) -> Measured:
    """Merge the histograms of endpoints and return what they measured together.

    >>> from datetime import UTC, datetime
    >>> measure(datetime(2026, 1, 1, tzinfo=UTC), [{-32: (3, 1)}, {-32: (1, 0)}]).error_ratio
    0.25
    """
    return Measured(window_start, *_totals(merged(histograms)))


def sample(histogram: Histogram, before: Sequence[Histogram], min_requests: int) -> Sample:
    """Return the sample of a window.

    Args:
        histogram: of the window to judge.
        before: of the thin windows right before it, the newest first.
        min_requests: from which on nothing more is pooled.
    """
    requests, errors, p95 = _totals(histogram)
    pooled, windows = histogram, 1
    for earlier in before:
        if requests >= min_requests:
            break
        pooled, windows = merged((pooled, earlier)), windows + 1
        requests, errors, p95 = _totals(pooled)
    return Sample(windows, requests, errors, p95)


def slower_than(histogram: Histogram, latency_seconds: float) -> int:
    """Return how many requests took longer than a latency, by the latency that stands for their bucket."""
    first = bucket_index(latency_seconds)
    if representative_seconds(first) <= latency_seconds:
        first += 1
    return sum([requests for index, (requests, _) in histogram.items() if index >= first])


def at_least_resolved(latency_seconds: float) -> float:
    """Return a latency as no smaller than the histogram resolves, so that it has a logarithm."""
    return max(latency_seconds, ZERO_THRESHOLD_SECONDS)


def _totals(histogram: Histogram) -> tuple[int, int, float | None]:
    by_bucket = {index: requests for index, (requests, _) in histogram.items()}
    errors = sum([errors for _, errors in histogram.values()])
    return sum(by_bucket.values()), errors, quantile_seconds(by_bucket, P95_PER_MILLE)
