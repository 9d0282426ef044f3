"""Dead letters: once per position of the rejected message; a repeat replaces itself."""

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from contracts.records import DeadLetter
from exporters.store.arriving import UTC_TIME
from exporters.store.transaction import registered

_SCHEMA = pa.schema(
    [
        ("topic", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("received_at", UTC_TIME),
        ("reason", pa.string()),
        ("encoding", pa.string()),
        ("content", pa.string()),
        ("size_bytes", pa.int64()),
        ("sha256", pa.string()),
    ]
)
_FORGET = """
DELETE FROM dead_letters AS old USING letters AS new
WHERE old.cluster_id = $cluster_id AND old.topic = new.topic
    AND old."partition" = new."partition" AND old."offset" = new."offset"
"""
_WRITE = "INSERT INTO dead_letters BY NAME SELECT *, $cluster_id AS cluster_id FROM letters"


def write_letters(cursor: duckdb.DuckDBPyConnection, cluster_id: str, letters: Iterable[DeadLetter]) -> None:
    """Write dead letters of one cluster: positions of another cluster are other messages."""
    latest = {letter.key: letter for letter in letters}
    if not latest:
        return
    rows = [letter.model_dump(include={*_SCHEMA.names}) for letter in latest.values()]
    with registered(cursor, "letters", pa.Table.from_pylist(rows, _SCHEMA)):
        cursor.execute(_FORGET, {"cluster_id": cluster_id})
        cursor.execute(_WRITE, {"cluster_id": cluster_id})
