"""What is usual for a service: said by its calm windows of the last hour."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from detector.measurement import at_least_resolved
from detector.spread import Band, Centre, spread_of

LEAST_LATENCY_SPREAD = 0.1
"""A p95 that wobbles by a tenth is steady: whatever the last hour says, less than this is no deviation."""


class Usual(NamedTuple):
    """What is usual for a service; None where too little is known to say.

    ``error_ratio`` is errors / requests of all calm windows, ``error_requests`` how many requests these are.
    ``latency`` is of the p95 in seconds, its spread that of the natural logarithm. ``traffic`` is of the requests in a
    minute. ``burn_rate`` is the error ratio as a multiple of the error budget, the lower of the last 5 minutes and the
    last hour, alerted windows included. ``restless`` has a bit for each rule that had a clear window in calm time.
    """

    error_ratio: float | None
    error_requests: int
    latency: Centre | None
    traffic: Band | None
    burn_rate: float | None
    restless: int

    @property
    def latency_p95_seconds(self) -> float | None:
        """The usual p95 latency in seconds."""
        return None if self.latency is None else self.latency.centre


UNKNOWN = Usual(None, 0, None, None, None, 0)


def latency_centre(p95_seconds: Sequence[float]) -> Centre:
    """Return the median of p95 latencies with the spread of their logarithm: latencies vary by factors."""
    spread = spread_of([math.log(at_least_resolved(value)) for value in p95_seconds])
    return Centre(math.exp(spread.median), max(spread.above, LEAST_LATENCY_SPREAD))


def traffic_band(requests: Sequence[float]) -> Band:
    """Return the median of requests a minute with their spread: what they vary by, and not less than chance does.

    Chance alone gives independent requests a variance of their mean (Poisson).
    """
    spread = spread_of(requests)
    chance = math.sqrt(spread.median)
    return Band(spread.median, max(spread.below, chance), max(spread.above, chance))
