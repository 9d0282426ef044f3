"""Robust centre and spread of the recent past.

The centre is the median. The spread on a side is the larger of what the median absolute deviation and the outer decile
of that side say of a standard deviation: the first is blind to a service that has two levels, the second to one that
rarely moves. A deviation on one side widens nothing on the other.

Source: Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation" (JASA 88, 1993), for the median absolute
deviation and its factor; Leys et al., "Detecting outliers: Do not use standard deviation around the mean, use absolute
deviation around the median" (Journal of Experimental Social Psychology 49, 2013).
"""

from collections.abc import Sequence
from typing import NamedTuple

MAD_TO_DEVIATION = 1.4826
"""Standard deviations in a median absolute deviation of normal values."""

DECILE_DEVIATIONS = 1.2816
"""Standard deviations between the median and the outer decile of normal values."""

_DECILE = 0.1


class Centre(NamedTuple):
    """What is usual of a value: the median of the past and its spread, in standard deviations' worth."""

    centre: float
    spread: float


class Band(NamedTuple):
    """What is usual of a value that may leave it on either side: the median, and the spread on each side of it."""

    centre: float
    below: float
    above: float


class Spread(NamedTuple):
    """Median, median absolute deviation, and the outer deciles."""

    median: float
    deviation: float
    low_decile: float
    high_decile: float

    @property
    def above(self) -> float:
        """How far values usually lie above the median, as a standard deviation."""
        return max(MAD_TO_DEVIATION * self.deviation, (self.high_decile - self.median) / DECILE_DEVIATIONS)

    @property
    def below(self) -> float:
        """How far values usually lie below the median, as a standard deviation."""
        return max(MAD_TO_DEVIATION * self.deviation, (self.median - self.low_decile) / DECILE_DEVIATIONS)


def spread_of(values: Sequence[float]) -> Spread:
    """Return the spread of at least one value.

    >>> spread_of([3.0, 1.0, 2.0]).median
    2.0
    """
    ordered = sorted(values)
    middle = _median(ordered)
    deviation = _median(sorted([abs(value - middle) for value in ordered]))
    last = len(ordered) - 1
    return Spread(middle, deviation, ordered[round(_DECILE * last)], ordered[round((1 - _DECILE) * last)])


def _median(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
