"""Every query of the dashboards and of the rules, put to a running demo."""

from datetime import datetime, timedelta
from typing import Any

from contracts.times import to_epoch_ms, to_rfc3339
from tests.fast.grafana.test_dashboards_facts import ALL, QUERIES, is_of_type
from tests.fast.grafana.test_dashboards_promql import EXPRESSIONS
from tests.fast.grafana.test_dashboards_simpod import LAYERS
from tests.fast.prometheus.shipped_rules import alerts, records
from tests.fast.prometheus.test_rule_metrics import asked, named
from tests.integration.demo.conftest import Demo

Json = dict[str, Any]

PAST = timedelta(minutes=10)
"""How far back a query looks for data."""

VARIABLES = {
    '="$service"': '="payments"',
    "$service": ".*",
    "$endpoint": ".*",
    "$__rate_interval": "1m",
    "$__range": "10m",
}
"""What Grafana puts in for its variables; the first that fits."""

_NO_WARNING = "the one fault of this demo is critical"
MAY_BE_EMPTY = {
    '(up{job!="prometheus"} == bool 0) > 0': "no process is down",
    'max by (severity, alertname, about) (label_join(ALERTS{alertstate="firing"}, "about", " ", "service", "job"))': (
        "no alert fires"
    ),
    "/api/v1/annotations severity=warning kind=incident": _NO_WARNING,
    "simPod Warning": _NO_WARNING,
}
"""Queries that may find nothing in a demo that is well, and why."""


def without_series(demo: Demo, now: datetime) -> list[str]:
    """Return the expressions of dashboards for which Prometheus has no series.

    Of rules it asks for what they record, and for each metric that an alert looks at: no alert fires when all is well.
    """
    recorded = {rule.name for rule in records()}
    looked_at = {name for rule in alerts() for query in asked(rule) for name in named(query)}
    queries = {*EXPRESSIONS, *recorded, *looked_at} - MAY_BE_EMPTY.keys()
    return [each for each in sorted(queries) if not _series(demo, _chosen(each), now)]


def refused_alerts(demo: Demo, now: datetime) -> list[str]:
    """Return the alerts whose expression Prometheus cannot evaluate on what it has, joins included."""
    return [rule.name for rule in alerts() if _answer(demo, rule.fields["expr"], now).get("status") != "success"]


def _chosen(expression: str) -> str:
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression


def _answer(demo: Demo, query: str, now: datetime) -> Json:
    parameters: dict[str, str | float] = {
        "query": query,
        "start": (now - PAST).timestamp(),
        "end": now.timestamp(),
        "step": 15,
    }
    answer: Json = demo.get("prometheus", "/api/v1/query_range", parameters).json()
    return answer


def _series(demo: Demo, query: str, now: datetime) -> list[Json]:
    answer = _answer(demo, query, now)
    assert answer["status"] == "success", (query, answer)
    return list(answer["data"]["result"])


def without_rows(demo: Demo, now: datetime) -> list[str]:
    """Return the queries through Infinity that found no rows, or rows that lack a column of their panel."""
    incident = demo.rows("incidents")[0]["incident_id"]
    values = {
        **ALL,
        "${__timeFrom}": str(to_epoch_ms(now - timedelta(hours=2))),
        "${__timeTo}": str(to_epoch_ms(now)),
        "${incident}": incident,
    }
    queries = {_name(query): query for _, query in QUERIES}
    return [
        name
        for name, query in queries.items()
        if name not in MAY_BE_EMPTY and not _fits(query, _rows(demo, query, values))
    ]


def _name(query: Json) -> str:
    fixed = [f"{each['key']}={each['value']}" for each in query["url_options"]["params"] if "$" not in each["value"]]
    return " ".join([query["url"], *fixed])


def _rows(demo: Demo, query: Json, values: dict[str, str]) -> list[Json]:
    parameters = {each["key"]: values.get(each["value"], each["value"]) for each in query["url_options"]["params"]}
    answer = demo.get("exporters", query["url"], parameters)
    assert answer.status_code == 200, (query["url"], parameters, answer.text)
    return list(answer.json())


def _fits(query: Json, rows: list[Json]) -> bool:
    columns = {column["selector"]: column["type"] for column in query["columns"]}
    return bool(rows) and all(is_of_type(row[name], kind) for row in rows for name, kind in columns.items())


def without_annotations(demo: Demo, now: datetime) -> list[str]:
    """Return the layers of the simPod provisioning that found nothing, or not the columns of an annotation."""
    layers = {f"simPod {layer['name']}": layer for layer in LAYERS}
    return [
        name
        for name, layer in layers.items()
        if name not in MAY_BE_EMPTY and not _is_annotation(_layer(demo, layer, now))
    ]


def _layer(demo: Demo, layer: Json, now: datetime) -> list[Json]:
    payload = {name: value.replace("$service", ".*") for name, value in layer["target"]["payload"].items()}
    moments = {"from": to_rfc3339(now - timedelta(hours=2)), "to": to_rfc3339(now)}
    answer = demo.post(
        "exporters", "/grafana/query", {"range": moments, "targets": [{**layer["target"], "payload": payload}]}
    )
    assert answer.status_code == 200, (layer["name"], answer.text)
    return list(answer.json())


def _is_annotation(frames: list[Json]) -> bool:
    wanted = {"time", "timeEnd", "title", "text", "tags"}
    return (
        len(frames) == 1 and bool(frames[0]["rows"]) and wanted <= {column["text"] for column in frames[0]["columns"]}
    )
