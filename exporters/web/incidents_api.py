"""``/incidents``, ``/anomalies``, ``/evidence`` and ``/summaries`` of the JSON API: what was found, what was said."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from exporters.store.anomaly_queries import find_anomalies, main_evidence
from exporters.store.incident_queries import find_incidents, summary_rows
from exporters.store.pool import CursorPool
from exporters.web.filters import Clock, asked_filter
from exporters.web.incident_rows import anomaly_row, evidence_rows, incident_row

_ANOMALY_NAMES = ("service", "endpoint", "severity", "state", "incident")


def incidents_blueprint(pool: CursorPool, now: Clock) -> Blueprint:
    """Return the routes."""
    api = Blueprint("incidents", __name__, url_prefix="/api/v1")

    @api.get("/incidents")
    def incidents() -> ResponseReturnValue:
        asked = asked_filter(request.args, _ANOMALY_NAMES, now())
        return jsonify([incident_row(incident, asked.now_ms) for incident in find_incidents(pool, asked)])

    @api.get("/anomalies")
    def anomalies() -> ResponseReturnValue:
        asked = asked_filter(request.args, _ANOMALY_NAMES, now())
        return jsonify([anomaly_row(anomaly) for anomaly in find_anomalies(pool, asked)])

    @api.get("/evidence")
    def evidence() -> ResponseReturnValue:
        asked = asked_filter(request.args, ("service", "severity", "incident"), now())
        found = main_evidence(pool, asked)
        return jsonify([] if found is None else evidence_rows(found)[: asked.limit])

    @api.get("/summaries")
    def summaries() -> ResponseReturnValue:
        return jsonify(summary_rows(pool, asked_filter(request.args, ("service", "incident"), now())))

    return api
