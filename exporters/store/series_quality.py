"""Data quality along time: minutes that a service lacks, and windows far from what is usual for it.

Outliers are judged by the median and the median absolute deviation (MAD), which a few wild windows do not move: Leys
et al., "Detecting outliers: Do not use standard deviation around the mean, use absolute deviation around the median",
Journal of Experimental Social Psychology 49 (2013).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.histogram import BUCKETS_PER_DOUBLING
from exporters.store.maintenance_cursor import MaintenanceCursor

LOOK_BACK = timedelta(hours=24)
MAX_DEVIATIONS = 10
"""A window further than this many MADs from the median is an outlier."""
MIN_WINDOWS = 30
"""With fewer windows there is no *usual*, and nothing is judged."""
MIN_USUAL_REQUESTS = 10
"""A service with fewer requests a minute has minutes without any by chance; from here on it is one in 20,000."""

_SETTLED = "SELECT max(window_start) - INTERVAL 2 MINUTE AS settled FROM service_metrics"
_GAPS = """
WITH seen AS (
    SELECT service, window_start, request_count
    FROM service_metrics
    WHERE window_start BETWEEN $first AND $last
),
services AS (
    SELECT service, min(window_start) AS begins
    FROM seen
    GROUP BY service
    HAVING median(request_count) >= $min_usual
),
minutes AS (SELECT DISTINCT window_start FROM seen)
SELECT service, count(*) AS missing, min(window_start) AS oldest, max(window_start) AS newest
FROM (SELECT service, window_start FROM services JOIN minutes ON window_start > begins) AS expected
    ANTI JOIN seen USING (service, window_start)
GROUP BY service
ORDER BY service
"""
# The windows beside a gap are left out: a service that comes or goes in the middle of a minute fills it in part.
_OUTLIERS = """
WITH seen AS (
    SELECT
        service, window_start, {column}::DOUBLE AS value,
        lag(window_start) OVER in_time = window_start - INTERVAL 1 MINUTE
            AND lead(window_start) OVER in_time = window_start + INTERVAL 1 MINUTE AS is_whole
    FROM service_metrics
    WHERE window_start BETWEEN $first AND $last
    WINDOW in_time AS (PARTITION BY service ORDER BY window_start)
),
usual AS (
    SELECT service, count(*) AS windows, median(value) AS middle, greatest(mad(value), {floor}) AS spread
    FROM seen
    WHERE is_whole
    GROUP BY service
    HAVING count(*) >= $min_windows AND spread > 0
)
SELECT
    service, any_value(windows) AS windows, any_value(middle) AS middle, any_value(spread) AS spread,
    count(*) AS outliers, arg_max(value, abs(value - middle)) AS farthest,
    arg_max(window_start, abs(value - middle)) AS farthest_at
FROM seen JOIN usual USING (service)
WHERE is_whole AND abs(value - middle) > $max_deviations * spread
GROUP BY service
ORDER BY service
"""

# Counts of independent events vary by their square root, and 0.6745 is the MAD of a normal distribution in standard
# deviations; a quantile is known to one bucket. A smaller spread than that is chance, or rounding, and no measure.
FLOORS = {
    "request_count": "0.6745 * sqrt(median(value))",
    "p95_latency_ms": f"{2 ** (1 / BUCKETS_PER_DOUBLING) - 1} * median(value)",
}
"""The columns that are judged, and the least spread that is believed."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Minutes without a window of one service while other services had one."""

    service: str
    missing: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Outliers:
    """Windows of one service that are far from its median; numbers in the unit of the column."""

    service: str
    column: str
    windows: int
    outliers: int
    middle: float
    spread: float
    farthest: float
    farthest_at: datetime


def newest_settled_window(cursor: MaintenanceCursor) -> datetime | None:
    """Return a window that is settled as far as the table alone can tell; None while it is empty."""
    settled = cursor.rows(_SETTLED)[0]["settled"]
    return None if settled is None else settled.replace(tzinfo=UTC)


def gaps(cursor: MaintenanceCursor, newest_closed: datetime) -> Iterator[Gap]:
    """Yield the services that lack minutes between their first window of the last 24 hours and the given window."""
    for row in cursor.rows(_GAPS, {**_span(newest_closed), "min_usual": MIN_USUAL_REQUESTS}):
        oldest, newest = (row[name].replace(tzinfo=UTC) for name in ("oldest", "newest"))
        yield Gap(row["service"], row["missing"], oldest, newest)


def outliers(cursor: MaintenanceCursor, column: str, newest_closed: datetime) -> Iterator[Outliers]:
    """Yield the services with outliers in a column of ``FLOORS`` within the 24 hours up to the given window."""
    parameters = {**_span(newest_closed), "min_windows": MIN_WINDOWS, "max_deviations": MAX_DEVIATIONS}
    for row in cursor.rows(_OUTLIERS.format(column=column, floor=FLOORS[column]), parameters):
        row["farthest_at"] = row["farthest_at"].replace(tzinfo=UTC)
        yield Outliers(column=column, **row)


def _span(newest_closed: datetime) -> dict[str, object]:
    last = newest_closed.replace(tzinfo=None)
    return {"first": last - LOOK_BACK, "last": last}
