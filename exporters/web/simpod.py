"""The simPod JSON datasource of Grafana, for those who have it instead of Infinity: ``/grafana``.

Source: README, openapi.yaml and src/DataSource.ts of github.com/simPod/GrafanaJsonDatasource. Annotations come as
``/query`` with the refId ``Anno``. A payload is an object or, from some versions, JSON text; its values are texts or
lists of texts into which Grafana has put variables as regular expressions. Curves have no more points than the panel's
``maxDataPoints``; ``exporters.store.metric_queries`` says what a point keeps of its windows.
"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from contracts.anomalies import Severity
from exporters.store.anomaly_queries import find_anomalies
from exporters.store.incident_queries import find_incidents
from exporters.store.metric_queries import METRICS, metric_series
from exporters.store.name_queries import endpoint_names, service_names
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Filter, Selection
from exporters.store.steps import MAX_POINTS, Resolution
from exporters.web import annotations, variables
from exporters.web.bodies import Json, json_body, json_object
from exporters.web.errors import ParameterError
from exporters.web.filters import ALWAYS, STATES, Clock, read_filter
from exporters.web.incident_rows import anomaly_row, incident_row
from exporters.web.parameters import LAST_MS, Parameters

MAX_TARGETS = 50
"""Queries of one panel."""

_ANNOTATIONS = "annotations"
_FIELDS = {
    **dict.fromkeys(METRICS, ("service", "endpoint")),
    **dict.fromkeys(("incidents", "anomalies"), ("service", "endpoint", "severity", "state", "incident")),
    _ANNOTATIONS: annotations.NAMES,
}
"""What the payload of each target may name."""
_VARIABLES = {
    "services": (variables.service_choices, ("service",)),
    "endpoints": (variables.endpoint_choices, ("service",)),
    "incidents": (variables.incident_choices, ("service", "severity")),
}
_TAGS = ("service", "endpoint", "severity")
_TIMES = {"time", "timeEnd", "started_at", "ended_at", "detected_at"}


def simpod_blueprint(pool: CursorPool, now: Clock) -> Blueprint:
    """Return the datasource's routes."""
    grafana = Blueprint("simpod", __name__, url_prefix="/grafana")

    def choices(field: object) -> list[str]:
        return _choices(pool, field, read_filter(Parameters(MultiDict(), ()), now()))

    @grafana.get("/", strict_slashes=False)
    def alive() -> ResponseReturnValue:
        return jsonify({"status": "ok"})

    @grafana.post("/metrics")
    def metrics() -> ResponseReturnValue:
        return jsonify(
            [
                {"label": name, "value": name, "payloads": [_payload_field(field) for field in fields]}
                for name, fields in _FIELDS.items()
            ]
        )

    @grafana.post("/metric-payload-options")
    def metric_payload_options() -> ResponseReturnValue:
        return jsonify([{"label": name, "value": name} for name in choices(json_body().get("name"))])

    @grafana.post("/query")
    def query() -> ResponseReturnValue:
        body = json_body()
        return jsonify([frame for target in _objects(body, "targets") for frame in _frames(pool, body, target, now)])

    @grafana.post("/variable")
    def variable() -> ResponseReturnValue:
        body = json_body()
        payload = dict(json_object(body.get("payload"), "payload"))
        find, fields = _VARIABLES.get(str(payload.pop("target", "")), (None, ()))
        if find is None:
            raise ParameterError(f"the payload's target is one of {', '.join(_VARIABLES)}")
        return jsonify(find(pool, read_filter(_parameters(body, payload, fields), now())))

    @grafana.post("/tag-keys")
    def tag_keys() -> ResponseReturnValue:
        return jsonify([{"type": "string", "text": name} for name in _TAGS])

    @grafana.post("/tag-values")
    def tag_values() -> ResponseReturnValue:
        return jsonify([{"text": name} for name in choices(json_body().get("key"))])

    return grafana


def _payload_field(field: str) -> Row:
    kind = {"incident": "input", "state": "select", "kind": "select"}.get(field, "multi-select")
    return {"name": field, "type": kind}


def _choices(pool: CursorPool, field: object, asked: Filter) -> list[str]:
    match field:
        case "service":
            return service_names(pool, asked)
        case "endpoint":
            return endpoint_names(pool, asked)
        case "severity":
            return [severity.value for severity in Severity]
        case "state":
            return list(STATES)
        case "kind":
            return list(annotations.KINDS)
    raise ParameterError(f"there are no choices for {field!r}")


def _objects(body: Json, name: str) -> list[Json]:
    listed = body.get(name) or []
    if not isinstance(listed, list) or len(listed) > MAX_TARGETS:
        raise ParameterError(f"{name} is a list of at most {MAX_TARGETS}")
    return [json_object(each, name) for each in listed]


def _frames(pool: CursorPool, body: Json, target: Json, now: Clock) -> list[Row]:
    name = _ANNOTATIONS if target.get("refId") == "Anno" else str(target.get("target"))
    if name not in _FIELDS:
        raise ParameterError(f"unknown target {name!r}; known are {', '.join(_FIELDS)}")
    payload = {**json_object(target.get("payload"), "payload"), **_ad_hoc_filters(body, _FIELDS[name])}
    asked = _parameters(body, payload, _FIELDS[name])
    found = read_filter(asked, now())
    match name:
        case "incidents":
            frames = [_table([incident_row(incident, found.now_ms) for incident in find_incidents(pool, found)])]
        case "anomalies":
            frames = [_table([anomaly_row(anomaly) for anomaly in find_anomalies(pool, found)])]
        case _ if name == _ANNOTATIONS:
            frames = [_table(annotations.annotation_rows(pool, asked, found))]
        case _:
            frames = _series(pool, body, found, name)
    return [{**frame, "refId": target.get("refId")} for frame in frames]


def _ad_hoc_filters(body: Json, fields: tuple[str, ...]) -> dict[str, object]:
    """Return the values of the filters that say something about a target."""
    chosen: dict[str, object] = {}
    for each in _objects(body, "filters"):
        key, operator = each.get("key"), each.get("operator")
        if key not in _TAGS or operator not in ("=", "=~", "=|"):
            raise ParameterError(f"a filter is by {', '.join(_TAGS)} with =, =| or =~, not {key!r} with {operator!r}")
        if key in fields:
            chosen[str(key)] = each.get("values") or each.get("value")
    return chosen


def _parameters(body: Json, payload: Json, fields: tuple[str, ...]) -> Parameters:
    """Return range and payload as the parameters that the JSON API takes."""
    span = json_object(body.get("range"), "range")
    given = {**payload, "from": span.get("from"), "to": span.get("to")}
    pairs = [(name, text) for name, value in given.items() for text in _texts(name, value)]
    return Parameters(MultiDict(pairs), (*ALWAYS, *fields))


def _texts(name: str, value: object) -> list[str]:
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str | int) for each in listed):
        raise ParameterError(f"{name} is a text or a list of texts")
    return [str(each) for each in listed]


def _series(pool: CursorPool, body: Json, found: Filter, name: str) -> list[Row]:
    endpoints = None if found.endpoints is None else list(found.endpoints)
    services = None if found.services is None else list(found.services)
    wanted = Resolution(_whole(body, "intervalMs", 1), _whole(body, "maxDataPoints", MAX_POINTS))
    return [
        {
            "target": f"{series.service} {series.endpoint}".rstrip(),
            "datapoints": [list(point) for point in zip(series.values, series.times, strict=True)],
        }
        for series in metric_series(pool, Selection(found.span, services, endpoints), wanted, name)
    ]


def _whole(body: Json, name: str, default: int) -> int:
    """Return a number of points or of milliseconds; browsers send fractions of them, which count for nothing."""
    value = body.get(name) or default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LAST_MS:
        raise ParameterError(f"{name} is a number above 0, at most {LAST_MS}, not {str(value)[:100]!r}")
    return max(1, int(value))


def _table(rows: list[Row]) -> Row:
    names = list(rows[0]) if rows else []
    columns = [{"text": name, "type": _column_type(name, [row[name] for row in rows])} for name in names]
    return {"type": "table", "columns": columns, "rows": [list(row.values()) for row in rows]}


def _column_type(name: str, values: list[object]) -> str:
    if name in _TIMES:
        return "time"
    return "string" if any(isinstance(value, str) for value in values) else "number"
