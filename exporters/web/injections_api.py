"""``/injections`` and ``/detection-score`` of the JSON API: ground truth beside what was detected."""

from collections.abc import Sequence

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from exporters.store.detection_score import score_rows
from exporters.store.incident_queries import incidents_by_id
from exporters.store.injection_queries import Injection, find_injections
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Filter
from exporters.web.filters import Clock, asked_filter
from exporters.web.incident_rows import injection_row


def injections_blueprint(pool: CursorPool, now: Clock) -> Blueprint:
    """Return the routes."""
    api = Blueprint("injections", __name__, url_prefix="/api/v1")

    @api.get("/injections")
    def injections() -> ResponseReturnValue:
        asked = asked_filter(request.args, ("service", "incident"), now())
        return jsonify(_rows(pool, asked, find_injections(pool, asked)))

    @api.get("/detection-score")
    def detection_score() -> ResponseReturnValue:
        asked = asked_filter(request.args, ("service",), now())
        return jsonify(score_rows(pool, asked))

    return api


def _rows(pool: CursorPool, asked: Filter, injections: Sequence[Injection]) -> list[Row]:
    ids = sorted({injection.incident_id for injection in injections} - {""})
    incidents = incidents_by_id(pool, ids, asked, "injections")
    return [injection_row(injection, incidents.get(injection.incident_id), asked.now_ms) for injection in injections]
