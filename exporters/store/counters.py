"""Running totals that survive retention and never go down."""

import json
from collections import Counter
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from exporters.store.transaction import registered

CounterKey = tuple[str, str]
"""Name and labels, the labels as JSON text with sorted keys."""

_RAISE = """
UPDATE counters SET value = counters.value + rises.value
FROM rises WHERE counters.name = rises.name AND counters.labels = rises.labels
"""
_CREATE = "INSERT INTO counters BY NAME FROM rises ANTI JOIN counters USING (name, labels)"


class Rises:
    """What one transaction adds to the counters."""

    def __init__(self) -> None:
        self._values: Counter[CounterKey] = Counter()

    def add(self, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Raise a counter; a rise by 0 makes it appear."""
        self._values[name, json.dumps(labels or {}, sort_keys=True)] += value  # type: ignore[assignment]

    def write(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Add everything to the table."""
        if not self._values:
            return
        rows = [(*key, float(value)) for key, value in self._values.items()]
        names, labels, values = zip(*rows, strict=True)
        with registered(cursor, "rises", pa.table({"name": names, "labels": labels, "value": values})):
            cursor.execute(_RAISE)
            cursor.execute(_CREATE)
