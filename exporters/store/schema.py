"""The schema: numbered migrations, each applied once and in one transaction."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from exporters.store.errors import StoreTooNewError

_HERE = Path(__file__).parent
_MIGRATIONS = sorted((_HERE / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql"))
_MACROS = (_HERE / "macros.sql").read_text(encoding="utf-8")
_VERSIONS = "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)"

LATEST_VERSION = int(_MIGRATIONS[-1].name[:4])
"""The schema that this code reads and writes."""

logger = logging.getLogger(__name__)


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring a database to ``LATEST_VERSION`` and define the macros.

    Raises:
        StoreTooNewError: a newer release has already changed the file; nothing was touched.
    """
    found = schema_version(connection)
    if found > LATEST_VERSION:
        raise StoreTooNewError(
            f"the database has schema {found}, this release knows {LATEST_VERSION}: start the newer release again,"
            " or restore the backup that was taken before the upgrade"
        )
    for path in _MIGRATIONS[found:]:
        _apply(connection, int(path.name[:4]), path.read_text(encoding="utf-8"))
    connection.execute(_MACROS)


def schema_version(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the last applied migration, 0 for an empty database."""
    connection.execute(_VERSIONS)
    row = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
    return 0 if row is None else int(row[0])


def _apply(connection: duckdb.DuckDBPyConnection, version: int, statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.begin()
        cursor.execute(statements)
        now = datetime.now(UTC).replace(tzinfo=None)
        cursor.execute("INSERT INTO schema_version VALUES ($version, $now)", {"version": version, "now": now})
        cursor.commit()
    logger.info("migrated the database", extra={"schema_version": version})
