"""Queries for the names that one can choose from."""

from exporters.store.pool import CursorPool
from exporters.store.selection import Filter

_NAMES = """
SELECT DISTINCT {column} AS name
FROM series_totals
WHERE ($services IS NULL OR list_contains($services, service))
    AND epoch_ms(first_seen) <= $to_ms AND epoch_ms(last_seen) >= $from_ms
ORDER BY name
LIMIT $limit
"""


def service_names(pool: CursorPool, asked: Filter) -> list[str]:
    """Return the services that had requests in the range, sorted."""
    return [row["name"] for row in asked.rows(pool, "variables", _NAMES.format(column="service"))]


def endpoint_names(pool: CursorPool, asked: Filter) -> list[str]:
    """Return the endpoints, of the services that are asked for, that had requests in the range, sorted."""
    return [row["name"] for row in asked.rows(pool, "variables", _NAMES.format(column="endpoint"))]
