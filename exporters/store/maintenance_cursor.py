"""How maintenance reads and writes the store: on one cursor, and never at the same moment as the sink."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb

from exporters.store.database import Database
from exporters.store.pool import Row, fetched
from exporters.store.transaction import transaction


class MaintenanceCursor:
    """A cursor whose transactions take turns with the sink's. Use it from one thread; only ``interrupt`` from any.

    DuckDB refuses one of two open transactions that delete or update the same row, and it may be the sink's, which
    ends its process after a few refusals. ``gate`` is the lock that the sink holds while it applies a batch: whoever
    holds it is the only writer, so nothing can be refused. Keep transactions below a second, for the sink waits that
    long. Reading needs no gate: each statement sees the tables as they were when it began.
    """

    def __init__(self, database: Database, gate: threading.Lock) -> None:
        self._cursor = database.cursor()
        self._gate = gate

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Return the rows of a query.

        Raises:
            duckdb.InterruptException: ``interrupt`` was called.
            duckdb.Error: the database failed.
        """
        self._cursor.execute(statement, dict(parameters or {}))
        return fetched(self._cursor)

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Be the only writer for the length of a block: all of it is written or, when it raises, nothing."""
        with self._gate, transaction(self._cursor):
            yield self._cursor

    def table_names(self) -> list[str]:
        """Return the tables of the store."""
        listed = self.rows("SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY ALL")
        return [row["table_name"] for row in listed]

    def analyze(self, table: str) -> None:
        """Let DuckDB count a table anew for its query plans. It changes no row, so the sink need not wait for it."""
        self._cursor.execute(f'ANALYZE "{table}"')

    def checkpoint(self) -> None:
        """Write the log into the database file. Readers go on; a writer would make it fail, so there is none."""
        with self._gate:
            self._cursor.execute("CHECKPOINT")

    def interrupt(self) -> None:
        """End the statement under way with ``duckdb.InterruptException``."""
        self._cursor.interrupt()

    def close(self) -> None:
        """Release the cursor."""
        self._cursor.close()
