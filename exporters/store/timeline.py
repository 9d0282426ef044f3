"""What happened to each service over time, as lanes without overlaps."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from contracts.anomalies import Severity
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Filter

OK = "ok"
MAX_EXACT = 4_000
"""Of more anomalies, or of more faults, lanes are drawn on a raster: what is closer together cannot be told apart."""
MAX_CELLS = 10_000
"""Cells of the raster of all lanes together."""

_SERVICES = """
SELECT DISTINCT service
FROM series_totals
WHERE ($services IS NULL OR list_contains($services, service))
    AND epoch_ms(first_seen) <= $to_ms AND epoch_ms(last_seen) >= $from_ms
"""

_ANOMALIES = """
WITH found AS (
    SELECT
        service, severity AS state, incident_id AS id, greatest(epoch_ms(window_start), $from_ms) AS started_ms,
        least(end_ms(window_start, resolved_at, $as_of_ms, $now_ms), $to_ms) AS ended_ms
    FROM anomalies
    WHERE ($services IS NULL OR list_contains($services, service))
        AND ($severities IS NULL OR list_contains($severities, severity))
)
"""

_INJECTIONS = """
WITH found AS (
    SELECT
        service, kind AS state, injection_id AS id, greatest(epoch_ms(started_at), $from_ms) AS started_ms,
        least(end_ms(started_at, ended_at, $as_of_ms, $now_ms), $to_ms) AS ended_ms
    FROM injections
    WHERE $services IS NULL OR list_contains($services, service)
)
"""

_EACH = "FROM found WHERE started_ms <= ended_ms LIMIT {most}"

# On a raster, what overlaps or touches is one stretch: a new one begins after the furthest end of all before.
_STRETCHES = """,
raster AS (SELECT greatest(1, ($to_ms - $from_ms) // {cells} + 1) AS cell_ms),
cells AS (
    SELECT
        service, state, $from_ms + (started_ms - $from_ms) // cell_ms * cell_ms AS started_ms,
        max(least($from_ms + ((ended_ms - $from_ms) // cell_ms + 1) * cell_ms, $to_ms)) AS ended_ms,
        arg_min(id, (found.started_ms, id)) AS id
    FROM found CROSS JOIN raster
    WHERE started_ms <= ended_ms
    GROUP BY ALL
),
begun AS (
    SELECT *, started_ms > max(ended_ms) OVER (
        PARTITION BY service, state ORDER BY started_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS is_new
    FROM cells
),
numbered AS (
    SELECT *, count(*) FILTER (WHERE is_new) OVER (PARTITION BY service, state ORDER BY started_ms) AS stretch
    FROM begun
)
SELECT
    service, state, arg_min(id, numbered.started_ms) AS id,
    min(numbered.started_ms) AS started_ms, max(ended_ms) AS ended_ms
FROM numbered
GROUP BY service, state, stretch
"""


class Interval(NamedTuple):
    """A state from one moment to another, in epoch milliseconds. Where several overlap the highest rank is shown."""

    started_ms: int
    ended_ms: int
    rank: int
    state: str
    id: str


def timeline_rows(pool: CursorPool, asked: Filter) -> list[Row]:
    """Return what happened from the beginning to the end of the range, lane by lane.

    A service that is known in the range has a lane without gaps, one with injections a second lane of just these.
    """
    begin, end = asked.span.from_ms, asked.span.to_ms
    lanes = {row["service"]: [Interval(begin, end, 0, OK, "")] for row in asked.rows(pool, "timeline", _SERVICES)}
    cells = MAX_CELLS // max(1, 2 * len(lanes))
    for row in _intervals(pool, asked, _ANOMALIES, cells):
        lane = lanes.setdefault(row["service"], [Interval(begin, end, 0, OK, "")])
        lane.append(_interval(row, Severity(row["state"]).rank))
    for row in _intervals(pool, asked, _INJECTIONS, cells):
        # Of several faults at once the youngest is shown.
        lanes.setdefault(f"{row['service']} · injected", []).append(_interval(row, row["started_ms"]))
    rows = [_row(lane, part) for lane, intervals in sorted(lanes.items()) for part in flatten(intervals)]
    return rows[: asked.limit]


def _intervals(pool: CursorPool, asked: Filter, found: str, cells: int) -> list[Row]:
    rows = asked.rows(pool, "timeline", found + _EACH.format(most=MAX_EXACT + 1))
    if len(rows) <= MAX_EXACT:
        return rows
    return asked.rows(pool, "timeline", found + _STRETCHES.format(cells=max(1, cells)))


def _interval(row: Row, rank: int) -> Interval:
    return Interval(row["started_ms"], row["ended_ms"], rank, row["state"], row["id"])


def _row(lane: str, part: Interval) -> Row:
    return {
        "lane": lane,
        "state": part.state,
        "started_at": part.started_ms,
        "ended_at": part.ended_ms,
        "id": part.id,
    }


def flatten(intervals: Iterable[Interval]) -> list[Interval]:
    """Return what is shown at each moment, in order and without overlaps; a gap stays a gap.

    Of equal ranks the one that began first is shown.

    >>> both = [Interval(0, 9, 1, "warning", "a"), Interval(3, 5, 2, "critical", "b")]
    >>> [(part.started_ms, part.ended_ms, part.state) for part in flatten(both)]
    [(0, 3, 'warning'), (3, 5, 'critical'), (5, 9, 'warning')]
    """
    shown: list[Interval] = []
    for part in _pieces(list(intervals)):
        last = shown[-1] if shown else None
        if last is not None and (last.ended_ms, last.state, last.id) == (part.started_ms, part.state, part.id):
            shown[-1] = last._replace(ended_ms=part.ended_ms)
        else:
            shown.append(part)
    return shown


def _pieces(intervals: list[Interval]) -> Iterator[Interval]:
    moments = sorted({moment for each in intervals for moment in (each.started_ms, each.ended_ms)})
    waiting = sorted(intervals, key=lambda interval: interval.started_ms, reverse=True)
    begun: list[Interval] = []
    active: list[tuple[int, int, str, int]] = []
    for begin, end in pairwise(moments):
        while waiting and waiting[-1].started_ms <= begin:
            interval = waiting.pop()
            heappush(active, (-interval.rank, interval.started_ms, interval.id, len(begun)))
            begun.append(interval)
        while active and begun[active[0][-1]].ended_ms <= begin:
            heappop(active)
        if active:
            yield begun[active[0][-1]]._replace(started_ms=begin, ended_ms=end)
