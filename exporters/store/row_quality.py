"""Data quality, row by row: what cannot be, whatever the traffic was, and rows that repeat a key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from exporters.store.findings import Check
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.pool import Row
from exporters.store.row_rules import Rows

CLOCK_TOLERANCE = timedelta(hours=1)
"""How far a window may lie after the clock: events over 5 minutes ahead are refused, the rest is for the clocks."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Rows of one subject that break one rule, in one slice of a table; ``newest`` is the moment of the newest."""

    check: Check
    subject: str
    words: str
    newest: datetime
    affected: int


def slices(cursor: MaintenanceCursor, rows: Rows) -> list[datetime | None]:
    """Return where the slices of a table that hold rows begin, oldest first; None stands for the whole table."""
    if rows.slice_length is None:
        return [None]
    statement = f"SELECT DISTINCT time_bucket($length, {rows.time}) AS start FROM {rows.table} ORDER BY start"  # noqa: S608
    return [row["start"] for row in cursor.rows(statement, {"length": rows.slice_length})]


def wrong_rows(cursor: MaintenanceCursor, rows: Rows, start: datetime | None, now: datetime) -> Iterator[Wrong]:
    """Yield what is wrong with the rows of the slice that begins at ``start``, by rule and subject."""
    within = "TRUE" if start is None else f"{rows.time} >= $start AND {rows.time} < $start + $length"
    latest = (now + CLOCK_TOLERANCE).replace(tzinfo=None)
    parameters = {"start": start, "length": rows.slice_length, "latest": latest}
    if rows.rules:
        for found in _found(cursor, _rules_statement(rows, within), parameters):
            rule = rows.rules[found["rule"]]
            yield _wrong(rule.check, rows, rule.words, found)
    for found in _found(cursor, _repeats_statement(rows, within), parameters):
        yield _wrong(Check.DUPLICATES, rows, f"rows repeat {', '.join(rows.key)}", found)


def _found(cursor: MaintenanceCursor, statement: str, parameters: Mapping[str, object]) -> list[Row]:
    return cursor.rows(statement, {name: value for name, value in parameters.items() if f"${name}" in statement})


def _wrong(check: Check, rows: Rows, words: str, found: Row) -> Wrong:
    newest = found["newest"].replace(tzinfo=UTC)
    return Wrong(check, f"{rows.table} {found['subject']}", words, newest, found["affected"])


def _rules_statement(rows: Rows, within: str) -> str:
    broken = ", ".join(f"CASE WHEN {rule.condition} THEN {number} END" for number, rule in enumerate(rows.rules))
    return f"""
        WITH looked_at AS (
            SELECT
                {rows.subject} AS subject, {rows.time} AS moment,
                unnest(list_filter([{broken}], lambda rule: rule IS NOT NULL)) AS rule
            FROM {rows.table}
            WHERE {within}
        )
        SELECT rule, subject, count(*) AS affected, max(moment) AS newest FROM looked_at GROUP BY rule, subject
    """  # noqa: S608 - names and conditions of this module


def _repeats_statement(rows: Rows, within: str) -> str:
    return f"""
        WITH repeated AS (
            SELECT any_value({rows.subject}) AS subject, max({rows.time}) AS moment, count(*) - 1 AS extra
            FROM {rows.table}
            WHERE {within}
            GROUP BY {", ".join(rows.key)}
            HAVING count(*) > 1
        )
        SELECT subject, sum(extra)::BIGINT AS affected, max(moment) AS newest FROM repeated GROUP BY subject
    """  # noqa: S608 - names of this module
