"""All or nothing on one cursor."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pyarrow as pa


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, or nothing of it when it raises."""
    cursor.begin()
    try:
        yield
        cursor.commit()
    except BaseException:
        cursor.rollback()
        raise


@contextmanager
def registered(cursor: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> Iterator[None]:
    """Let SQL on this cursor read an Arrow table under a name; within a transaction, whose rollback forgets it too."""
    cursor.register(name, table)
    yield
    cursor.unregister(name)


def run(cursor: duckdb.DuckDBPyConnection, statement: str, parameters: Mapping[str, object]) -> None:
    """Execute a statement with those of the parameters that it names."""
    cursor.execute(statement, {name: value for name, value in parameters.items() if f"${name}" in statement})
