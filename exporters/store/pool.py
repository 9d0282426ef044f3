"""Reading: a bounded pool of cursors with a time limit for each query."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import Empty, LifoQueue
from time import perf_counter
from typing import Any

import duckdb

from exporters.store.database import Database
from exporters.store.errors import QueryTimeoutError, StoreBusyError
from exporters.store.sink import Observe

Row = dict[str, Any]
"""A flat row by column name, in the order of the columns."""

ACQUIRE_SECONDS = 1.0
"""How long a query waits for a free cursor."""


class CursorPool:
    """Runs queries of many threads on a fixed number of cursors."""

    def __init__(self, database: Database, size: int, timeout_seconds: float, observe: Observe) -> None:
        self.size = size
        self._timeout_seconds = timeout_seconds
        self._observe = observe
        self._idle: LifoQueue[duckdb.DuckDBPyConnection] = LifoQueue()
        for _ in range(size):
            self._idle.put(database.cursor())

    @property
    def active(self) -> int:
        """Cursors in use right now."""
        return self.size - self._idle.qsize()

    def rows(self, query: str, statement: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Run a statement and return its rows.

        Args:
            query: what to call it in ``db_query_duration_seconds``.
            statement: SQL with named parameters.
            parameters: their values.

        Raises:
            StoreBusyError: no cursor became free in time.
            QueryTimeoutError: the time limit ended it.
        """
        with self.cursor(query) as cursor:
            cursor.execute(statement, dict(parameters or {}))
            return fetched(cursor)

    @contextmanager
    def cursor(self, query: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor under the time limit, and tell the time that it was used.

        Raises:
            StoreBusyError: no cursor became free in time.
            QueryTimeoutError: the time limit ended what was run on it.
        """
        with self._cursor() as cursor:
            started = perf_counter()
            try:
                with self._limited(cursor):
                    yield cursor
            except duckdb.InterruptException as error:
                raise QueryTimeoutError(
                    f"the query took longer than {self._timeout_seconds} s: ask for a shorter range"
                ) from error
            finally:
                self._observe(query, perf_counter() - started)

    def close(self) -> None:
        """Close the cursors that are idle; one that is in use ends with the database."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            cursor = self._idle.get(timeout=ACQUIRE_SECONDS)
        except Empty as error:
            raise StoreBusyError(f"all {self.size} cursors are in use: ask again, or raise DB_POOL_SIZE") from error
        try:
            yield cursor
        finally:
            self._idle.put(cursor)

    @contextmanager
    def _limited(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        limit = threading.Timer(self._timeout_seconds, cursor.interrupt)
        limit.daemon = True
        limit.start()
        try:
            yield
        finally:
            # Joined, so that a limit that fires just now cannot hit the next query on this cursor.
            limit.cancel()
            limit.join()


def fetched(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the rows of the statement that was executed last."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
