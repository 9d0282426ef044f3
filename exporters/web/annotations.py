"""``/annotations``: marks for Grafana's curves. Title and text are rendered as HTML, so what is inserted is escaped."""

import html
from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from exporters.store.anomaly_queries import Anomaly, newest_anomalies
from exporters.store.incident_queries import Incident, find_incidents
from exporters.store.injection_queries import Injection, find_injections
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Filter
from exporters.web.errors import ParameterError
from exporters.web.filters import ALWAYS, Clock, read_filter
from exporters.web.incident_rows import anomaly_row, link, state, types
from exporters.web.parameters import Parameters
from exporters.web.report import headline
from exporters.web.wording import plain, size, words

NAMES = ("service", "severity", "kind")
KINDS = ("incident", "anomaly", "injection")


def annotations_blueprint(pool: CursorPool, now: Clock) -> Blueprint:
    """Return the route."""
    api = Blueprint("annotations", __name__, url_prefix="/api/v1")

    @api.get("/annotations")
    def annotations() -> ResponseReturnValue:
        asked = Parameters(request.args, (*ALWAYS, *NAMES))
        return jsonify(annotation_rows(pool, asked, read_filter(asked, now())))

    return api


def annotation_rows(pool: CursorPool, asked: Parameters, found: Filter) -> list[Row]:
    """Return the marks of one kind, newest first.

    Raises:
        ParameterError: there is no such kind.
    """
    kinds = asked.choices("kind", KINDS) or [KINDS[0]]
    if len(kinds) > 1:
        raise ParameterError(f"kind is one of {', '.join(KINDS)}, not {','.join(kinds)!r}")
    match kinds[0]:
        case "anomaly":
            rows = [_anomaly(anomaly, found.now_ms) for anomaly in newest_anomalies(pool, found)]
        case "injection":
            # An injection has no severity, so it is on no layer of one.
            injections = find_injections(pool, found, "annotations") if found.severities is None else []
            rows = [_injection(injection) for injection in injections]
        case _:
            rows = [_incident(incident, found.now_ms) for incident in find_incidents(pool, found, "annotations")]
    return rows


def _incident(incident: Incident, now_ms: int) -> Row:
    hypothesis = incident.account.hypothesis if incident.account is not None else None
    lines = [
        _html(headline(incident)),
        *([f"Why: {_html(hypothesis)}"] if hypothesis else []),
        _link(incident.incident_id, link(incident.started_ms, incident.ended_ms, now_ms)),
    ]
    title = f"{incident.severity.capitalize()}, {state(is_open=incident.is_open)} · "
    title += f"{incident.services[0]}: {types(incident)}"
    return {
        **_mark(incident, title, lines),
        "tags": incident.services[0],
        "id": incident.incident_id,
        "severity": incident.severity,
        "newState": "",
    }


def _anomaly(anomaly: Anomaly, now_ms: int) -> Row:
    row = anomaly_row(anomaly)
    lines = [
        _html(anomaly.description),
        _html(f"{row['value_text']}, usual {row['baseline_text']}, limit {row['threshold_text']}"),
        _link(anomaly.incident_id, link(anomaly.started_ms, anomaly.ended_ms, now_ms)),
    ]
    place = f"{anomaly.service} {anomaly.endpoint}".rstrip()
    title = f"{anomaly.severity.capitalize()}, {row['state']} · {place}: {words(anomaly.anomaly_type)}"
    return {
        **_mark(anomaly, title, lines),
        "tags": anomaly.service,
        "id": anomaly.anomaly_id,
        "severity": anomaly.severity,
        "newState": "",
    }


def _injection(injection: Injection) -> Row:
    title = f"Injected · {injection.service}: {words(injection.kind)}"
    lines = [_html(f"{size(injection.kind, injection.magnitude)}, {injection.outcome}")]
    return {
        **_mark(injection, title, lines),
        "tags": injection.service,
        "id": injection.injection_id,
        "severity": "",
        "newState": "",
    }


def _mark(what: Incident | Anomaly | Injection, title: str, lines: Sequence[str]) -> Row:
    return {"time": what.started_ms, "timeEnd": what.ended_ms, "title": _html(title), "text": "<br>".join(lines)}


def _link(incident_id: str, span: Row) -> str:
    query = urlencode({"var-incident": incident_id, "from": span["link_from"], "to": span["link_to"]})
    return f'<a href="/d/obs-incidents?{html.escape(query)}">Open the incident</a>'


def _html(text: str) -> str:
    return html.escape(plain(text))
