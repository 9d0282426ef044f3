"""Opening and closing the one DuckDB file."""

from pathlib import Path
from typing import Self

import duckdb

from exporters.store.errors import StoreError, StoreUnavailableError
from exporters.store.schema import migrate

IN_MEMORY = Path(":memory:")
"""A database without a file, for tests."""


class Database:
    """One open database. Threads share it through cursors, one each."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path, memory_limit: str = "512MB", threads: int = 1, *, external_access: bool = True) -> Self:
        """Open the file, create it where there is none, and bring its schema up to date.

        Args:
            path: of the file.
            memory_limit: what DuckDB may use before it spills to disk.
            threads: of one query.
            external_access: whether SQL may read and write files other than the database's own.

        Raises:
            StoreUnavailableError: another process holds the file, or it cannot be read or written.
            StoreTooNewError: a newer release wrote it.
        """
        connection = _connect(path, memory_limit, threads, external_access=external_access)
        try:
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            migrate(connection)
        except StoreError:
            connection.close()
            raise
        return cls(connection)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a new cursor: a connection of its own to the same database."""
        return self._connection.cursor()

    def close(self) -> None:
        """Write everything into the one file and let go of it. Transactions that are still open are lost."""
        self._connection.execute("FORCE CHECKPOINT")
        self._connection.close()


def _connect(path: Path, memory_limit: str, threads: int, *, external_access: bool) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "enable_external_access": external_access,
        # No SQL reads the variables of this program.
        "python_enable_replacements": False,
    }
    try:
        if path != IN_MEMORY:
            path.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(str(path), config=config)
    except (duckdb.Error, OSError) as error:
        raise StoreUnavailableError(
            f"cannot open the database {path}: {error}. Only one process may hold it: stop the other one"
            " (a second exporters, or a duckdb shell), or set DUCKDB_PATH to another file"
        ) from error
