"""Which services have a name on ``/metrics``: the first ``MAX_SERVICES`` that came; the rest add up in ``OTHER``."""

import json
from collections.abc import Iterable, Mapping

import duckdb

from contracts.metric import Metric

OTHER = "__other__"
"""The name under which what comes after the limits adds up."""
MAX_SERVICES = 200

NAMED_SERVICES = f"SELECT service FROM series_totals GROUP BY service ORDER BY min(ordinal) LIMIT {MAX_SERVICES}"  # noqa: S608
"""The services that have a name, in the order in which they came."""

_COUNTED = "SELECT labels FROM counters WHERE name = $name"


def service_labels(services: Iterable[str], named: Iterable[str]) -> dict[str, str]:
    """Return the label of each service: its name when it has one or while names are left, else ``OTHER``."""
    known = set(named)
    labels: dict[str, str] = {}
    for service in services:
        if service in known or len(known) < MAX_SERVICES:
            known.add(service)
            labels[service] = service
        else:
            labels[service] = OTHER
    return labels


def counted_labels(cursor: duckdb.DuckDBPyConnection, counter: Metric, services: Iterable[str]) -> Mapping[str, str]:
    """Return the label that each service is counted under. Whoever was counted by name once stays so.

    A counter must not move from one label to another, so the label is decided when it is raised and not when it is
    shown.
    """
    named = [service for (service,) in cursor.execute(NAMED_SERVICES).fetchall()]
    rows = cursor.execute(_COUNTED, {"name": counter.name}).fetchall()
    counted = [json.loads(labels)["service"] for (labels,) in rows]
    return service_labels(services, {*named, *counted} - {OTHER})
