"""Since when minutes are kept: what retention notes in the transaction that removes older ones."""

from datetime import UTC, datetime

import duckdb

_MINUTES_KEPT = "SELECT max(since) AS since FROM minutes_kept"


def minutes_kept_since(cursor: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return the moment before which minutes may have been removed, None while none were.

    Updates of such minutes must not be folded: hours and totals would count them again.
    """
    ((since,),) = cursor.execute(_MINUTES_KEPT).fetchall()
    return None if since is None else since.replace(tzinfo=UTC)
