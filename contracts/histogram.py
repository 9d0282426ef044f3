"""The latency histogram that every count in the platform is kept in.

Bucket ``i`` holds latencies in ``(2^((i-1)/32), 2^(i/32)]`` seconds: Prometheus native histograms at schema 5, which is
OpenTelemetry's exponential histogram at scale 5. Latencies below one microsecond share the *zero bucket*. Counts of two
histograms add up, so every roll-up and every percentile of the platform comes from the same numbers.

Source: Prometheus, "Native histograms" (https://prometheus.io/docs/specs/native_histograms/); OpenTelemetry metrics
data model, "ExponentialHistogram".
"""

import math
from collections.abc import Iterable, Mapping

BUCKETS_PER_DOUBLING = 32
"""Buckets between a latency and its double."""

ZERO_THRESHOLD_SECONDS = 1e-6
"""Latencies below this, in seconds, are counted in the zero bucket."""

ZERO_INDEX = -638
"""Index of the zero bucket; one below the bucket that holds one microsecond, so that indexes sort by latency."""

ROOTS_OF_TWO = tuple(2.0 ** (step / BUCKETS_PER_DOUBLING) for step in range(BUCKETS_PER_DOUBLING))
"""The bounds from 1 s up to below 2 s. All others are these times a power of two, which is exact, so that every program
that is given these 32 numbers has the same bounds to the last bit."""

MAX_QUANTILE_ERROR = 2 ** (1 / (2 * BUCKETS_PER_DOUBLING)) - 1
"""Largest relative error of a quantile against the exact nearest-rank value: 1.09 %."""


def upper_bound_seconds(index: int) -> float:
    """Return the largest latency, in seconds, that bucket ``index`` holds.

    >>> upper_bound_seconds(-32)
    0.5
    """
    doublings, step = divmod(index, BUCKETS_PER_DOUBLING)
    return math.ldexp(ROOTS_OF_TWO[step], doublings)


def bucket_index(latency_seconds: float) -> int:
    """Return the index of the bucket that holds a latency in seconds.

    The logarithm alone is off by one where rounding moves it over a whole number, so it is checked against the bounds.

    >>> bucket_index(0.5), bucket_index(0.5000001), bucket_index(0.0)
    (-32, -31, -638)

    Raises:
        ValueError: the latency is negative, infinite or not a number.
    """
    if not (math.isfinite(latency_seconds) and latency_seconds >= 0):
        raise ValueError(f"a latency is a finite number of seconds from 0 up, not {latency_seconds!r}")
    if latency_seconds < ZERO_THRESHOLD_SECONDS:
        return ZERO_INDEX
    index = math.ceil(math.log2(latency_seconds) * BUCKETS_PER_DOUBLING)
    if latency_seconds <= upper_bound_seconds(index - 1):
        return index - 1
    if latency_seconds > upper_bound_seconds(index):
        return index + 1
    return index


def representative_seconds(index: int) -> float:
    """Return the latency, in seconds, that stands for all of a bucket: the geometric midpoint of its bounds.

    The zero bucket is stood for by 0.
    """
    if index <= ZERO_INDEX:
        return 0.0
    return math.pow(2.0, (index - 0.5) / BUCKETS_PER_DOUBLING)


def merge(histograms: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """Return the histogram of everything that the given ones counted, as requests by bucket index.

    >>> merge([{-32: 2}, {-32: 1, 5: 4}])
    {-32: 3, 5: 4}
    """
    total: dict[int, int] = {}
    for histogram in histograms:
        for index, requests in histogram.items():
            total[index] = total.get(index, 0) + requests
    return total


def nearest_rank(samples: int, per_mille: int) -> int:
    """Return the 1-based rank of a quantile by the nearest-rank method: ``ceil(samples * per_mille / 1000)``.

    Quantiles are whole per mille (950 is p95): in binary fractions 0.07 * 100 is above 7 and its rank would be 8.
    """
    return max(1, -(-samples * per_mille // 1000))


def quantile_seconds(histogram: Mapping[int, int], per_mille: int) -> float | None:
    """Return a quantile in seconds, within ``MAX_QUANTILE_ERROR`` of the exact nearest-rank value.

    Args:
        histogram: requests by bucket index.
        per_mille: the quantile in per mille, 1 to 1000; 950 is p95.

    Returns:
        The representative latency of the bucket that holds the nearest rank, or None for an empty histogram.
    """
    rank = nearest_rank(sum(histogram.values()), per_mille)
    seen = 0
    for index in sorted(histogram):
        seen += histogram[index]
        if seen >= rank:
            return representative_seconds(index)
    return None
