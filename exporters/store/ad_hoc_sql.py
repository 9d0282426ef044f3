"""Looking inside the store with SQL of one's own: one SELECT, that changes nothing and reads nothing but the tables.

A statement of the type SELECT can still insert (in a common table expression), write the log's settings (``FROM
enable_logging()``), crash the process (``FROM arrow_scan(pointer, …)``) and read files. Four walls stand against that:
one statement of the type SELECT, table functions only from a list, a transaction that may not write, and a database
without access to anything outside (``Database.open``).
"""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import duckdb

from contracts.times import to_rfc3339
from exporters.store.errors import RefusedSqlError
from exporters.store.pool import CursorPool, Row, fetched

MAX_ROWS = 1_000
TABLE_FUNCTIONS = frozenset(
    ("range", "generate_series", "unnest", "json_each", "json_tree", "duckdb_tables", "duckdb_views", "duckdb_columns")
)
"""Functions that may stand in FROM."""

_PARSED = "SELECT json_serialize_sql($statement::VARCHAR)"


def select_rows(pool: CursorPool, text: str) -> list[Row]:
    """Return the first ``MAX_ROWS`` rows of a SELECT; times as RFC 3339, nested values as JSON text.

    Raises:
        RefusedSqlError: it is something else, does something else, or is wrong.
        StoreBusyError: no cursor became free in time.
        QueryTimeoutError: the time limit ended it.
    """
    with pool.cursor("sql") as cursor:
        try:
            limited = f"SELECT * FROM (\n{_checked(cursor, text)}\n) LIMIT {MAX_ROWS}"  # noqa: S608 - it was checked
            _checked(cursor, limited)
            with _reading(cursor):
                cursor.execute(limited)
                rows = fetched(cursor)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            raise RefusedSqlError(str(error)) from error
    return [{name: _flat(value) for name, value in row.items()} for row in rows]


def _checked(cursor: duckdb.DuckDBPyConnection, text: str) -> str:
    statements = cursor.extract_statements(text)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise RefusedSqlError("it is not one SELECT statement")
    statement = statements[0].query.rstrip().rstrip(";")
    forbidden = {name for name in _table_functions(_parsed(cursor, statement)) if name not in TABLE_FUNCTIONS}
    if forbidden:
        raise RefusedSqlError(f"{', '.join(sorted(forbidden))} may not be used in FROM")
    return statement


def _parsed(cursor: duckdb.DuckDBPyConnection, statement: str) -> object:
    (text,) = cursor.execute(_PARSED, {"statement": statement}).fetchone() or ('{"error": true}',)
    try:
        parsed = json.loads(text)
    except RecursionError as error:
        raise RefusedSqlError("it is nested too deeply") from error
    if parsed["error"]:
        raise RefusedSqlError("it is not a plain SELECT statement")
    return parsed


def _table_functions(parsed: object) -> Iterator[str]:
    waiting = [parsed]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("type") == "TABLE_FUNCTION":
                yield str(node["function"].get("function_name")).lower()
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


@contextmanager
def _reading(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    try:
        yield
    finally:
        cursor.execute("ROLLBACK")


def _flat(value: Any) -> str | float | bool | None:  # noqa: ANN401 - whatever DuckDB returns
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return to_rfc3339(value if value.tzinfo is not None else value.replace(tzinfo=UTC))
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, default=str)
    return str(value)
