"""The contents of every table, to compare two stores."""

from exporters.store.database import Database

_ORDER_OF_ARRIVAL = {"series_totals": "EXCLUDE (ordinal)"}
TABLES = (
    "endpoint_metrics",
    "service_metrics",
    "hourly_metrics",
    "series_totals",
    "counters",
    "stream_batches",
    "consumed_offsets",
    "dead_letters",
    "anomalies",
    "incident_summaries",
    "injections",
)


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return the sorted rows of each table; only the order in which series arrived is left out."""
    with database.cursor() as cursor:
        return {
            table: cursor.execute(f"SELECT * {_ORDER_OF_ARRIVAL.get(table, '')} FROM {table} ORDER BY ALL").fetchall()
            for table in TABLES
        }
