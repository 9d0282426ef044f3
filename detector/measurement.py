"""What one window of a service, or of one endpoint, measured."""

from collections.abc import Iterable
from typing import NamedTuple

from contracts.histogram import quantile_seconds
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


def measure(window_start: UtcTime, histograms: Iterable[Histogram]) -> Measured:
    """Merge the histograms of endpoints and return what they measured together.

    >>> from datetime import UTC, datetime
    >>> measure(datetime(2026, 1, 1, tzinfo=UTC), [{-32: (3, 1)}, {-32: (1, 0)}]).error_ratio
    0.25
    """
    by_bucket: dict[int, int] = {}
    failed = 0
    for histogram in histograms:
        for index, (requests, errors) in histogram.items():
            by_bucket[index] = by_bucket.get(index, 0) + requests
            failed += errors
    return Measured(window_start, sum(by_bucket.values()), failed, quantile_seconds(by_bucket, P95_PER_MILLE))
