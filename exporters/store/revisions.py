"""Facts that are told in revisions: of each key the highest ``(revision, emitted_at)`` is kept, whatever comes when."""

from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from exporters.store.transaction import registered

Fact = Mapping[str, object]
"""A row of a table with ``revision`` and ``emitted_at`` among its columns."""

_NEWER = """
CREATE OR REPLACE TEMP TABLE newer AS
SELECT arriving.*
FROM arriving LEFT JOIN {table} AS stored USING ({key})
WHERE stored.revision IS NULL OR (arriving.revision, arriving.emitted_at) > (stored.revision, stored.emitted_at)
"""
_FORGET = "DELETE FROM {table} AS old USING newer WHERE {same}"
_WRITE = "INSERT INTO {table} BY NAME FROM newer"
_STORED = "SELECT {key}, {column} FROM {table} WHERE list_contains($keys, {key})"


def merge_revisions(
    cursor: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], facts: Iterable[Fact], schema: pa.Schema
) -> None:
    """Bring facts, in the order of their arrival, into a table that has one row per key.

    Of two with the same revision and time, the one that came first stays.

    Args:
        cursor: within a transaction.
        table: has the columns of the schema.
        key: the columns that tell facts apart.
        facts: may hold a key several times.
        schema: of the facts.
    """
    newest: dict[tuple[object, ...], Fact] = {}
    for fact in sorted(facts, key=_told, reverse=True):
        newest.setdefault(tuple(fact[column] for column in key), fact)
    names = {
        "table": table,
        "key": ", ".join(key),
        "same": " AND ".join(f"old.{column} = newer.{column}" for column in key),
    }
    with registered(cursor, "arriving", pa.Table.from_pylist(list(newest.values()), schema)):
        for statement in (_NEWER, _FORGET, _WRITE):
            cursor.execute(statement.format(**names))


def _told(fact: Fact) -> tuple[int, int]:
    return fact["revision"], fact["emitted_at"]  # type: ignore[return-value]


def stored_values(
    cursor: duckdb.DuckDBPyConnection, table: str, key: str, column: str, keys: Iterable[str]
) -> dict[str, str]:
    """Return a column by key, for those of the keys that the table has."""
    statement = _STORED.format(table=table, key=key, column=column)
    return dict(cursor.execute(statement, {"keys": sorted(set(keys))}).fetchall())
