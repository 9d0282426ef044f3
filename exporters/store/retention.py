"""Removing what is older than it has to be kept, in slices that are short enough for the sink to wait for.

Age is counted back from the newest row and not from the clock: a platform that stood still for a month loses nothing
by being started. A newest row after the clock is a mistake of somebody's clock and takes nothing with it. Totals and
counters have no age and are never touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from exporters.store.maintenance_cursor import MaintenanceCursor

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expiring:
    """Rows of one kind that age together.

    Args:
        tables: the tables to delete from, in one transaction.
        column: their column that says how old a row is.
        newest: SQL of the newest moment to count back from.
        step: length of a slice, and what the limit is rounded down to.
        condition: SQL of the rows that may be removed.
        noted: whether ``minutes_kept`` is moved in the same transaction.
    """

    tables: tuple[str, ...]
    column: str
    newest: str
    step: timedelta = _DAY
    condition: str = "TRUE"
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """What one transaction removed: rows before ``upto``."""

    upto: datetime
    removed: int


_NEWEST_WINDOW = "SELECT max(window_end) AS newest FROM service_metrics"

MINUTES = Expiring(("endpoint_metrics", "service_metrics"), "window_start", _NEWEST_WINDOW, step=_HOUR, noted=True)
HOURS = Expiring(("hourly_metrics",), "window_start", _NEWEST_WINDOW)
# The last batch of a run may come once more, when Spark repeats it after a restart: it must be known then.
BATCHES = Expiring(
    ("stream_batches",),
    "ended_at",
    "SELECT max(ended_at) AS newest FROM stream_batches",
    condition="(run_id, batch_id) NOT IN (SELECT (run_id, max(batch_id)) FROM stream_batches GROUP BY run_id)",
)
DEAD_LETTERS = Expiring(
    ("dead_letters",), "received_at", "SELECT max(received_at) AS newest FROM dead_letters", step=_HOUR
)
# An incident goes as a whole, once its last bad window is old enough; one that never resolved goes too.
ANOMALIES = Expiring(
    ("anomalies",),
    "window_end",
    _NEWEST_WINDOW,
    condition=(
        "incident_id IN (SELECT incident_id FROM anomalies GROUP BY incident_id HAVING max(window_end) < $horizon)"
    ),
)
SUMMARIES = Expiring(
    ("incident_summaries",),
    "emitted_at",
    _NEWEST_WINDOW,
    condition="incident_id NOT IN (SELECT incident_id FROM anomalies)",
)
INJECTIONS = Expiring(("injections",), "ended_at", _NEWEST_WINDOW)
JOB_RUNS = Expiring(
    ("job_runs",),
    "started_at",
    "SELECT max(started_at) AS newest FROM job_runs",
    condition=(
        "(job, outcome, runs_so_far) NOT IN"
        " (SELECT (job, outcome, max(runs_so_far)) FROM job_runs GROUP BY job, outcome)"
    ),
)
HEALTH_REPORTS = Expiring(("health_reports",), "reported_at", "SELECT max(reported_at) AS newest FROM health_reports")
FINDINGS = Expiring(("quality_findings",), "found_at", "SELECT max(found_at) AS newest FROM quality_findings")


def remove_older(cursor: MaintenanceCursor, rows: Expiring, keep: timedelta, now: datetime) -> Iterator[Slice]:
    """Remove rows that are more than ``keep`` older than the newest, one transaction for each slice that is yielded.

    Raises:
        duckdb.Error: the database failed; the slices so far stay removed.
    """
    horizon = _horizon(cursor, rows, keep, now)
    while horizon is not None:
        oldest = _oldest(cursor, rows, horizon)
        if oldest is None:
            return
        upto = min(_rounded_down(oldest, rows.step) + rows.step, horizon)
        with cursor.transaction() as writing:
            removed = _remove(writing, rows, upto, horizon)
        yield Slice(upto, removed)


def _horizon(cursor: MaintenanceCursor, rows: Expiring, keep: timedelta, now: datetime) -> datetime | None:
    newest = cursor.rows(rows.newest)[0]["newest"]
    if newest is None:
        return None
    try:
        return _rounded_down(min(newest, now.replace(tzinfo=None)) - keep, rows.step)
    except OverflowError:
        return None


def _oldest(cursor: MaintenanceCursor, rows: Expiring, horizon: datetime) -> datetime | None:
    each = [
        f"SELECT min({rows.column}) AS oldest FROM {table} WHERE {rows.column} < $horizon AND {rows.condition}"  # noqa: S608
        for table in rows.tables
    ]
    oldest: datetime | None = cursor.rows(
        f"SELECT min(oldest) AS oldest FROM ({' UNION ALL '.join(each)})",  # noqa: S608 - names of tables and columns
        {"horizon": horizon},
    )[0]["oldest"]
    return oldest


def _remove(writing: duckdb.DuckDBPyConnection, rows: Expiring, upto: datetime, horizon: datetime) -> int:
    removed = 0
    for table in rows.tables:
        statement = f"DELETE FROM {table} WHERE {rows.column} < $upto AND {rows.condition}"  # noqa: S608 - names
        moments = {"upto": upto, "horizon": horizon}
        found = writing.execute(statement, {name: at for name, at in moments.items() if f"${name}" in statement})
        removed += sum(count for (count,) in found.fetchall())
    if rows.noted:
        writing.execute("DELETE FROM minutes_kept")
        writing.execute("INSERT INTO minutes_kept VALUES ($upto)", {"upto": upto})
    return removed


def _rounded_down(moment: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - as the tables hold it
    return epoch + (moment - epoch) // step * step
