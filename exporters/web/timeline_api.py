"""``/timeline`` of the JSON API: what was detected and what was injected, lane by lane."""

from dataclasses import replace

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from exporters.store.pool import CursorPool
from exporters.store.selection import Span
from exporters.store.timeline import timeline_rows
from exporters.web.filters import ALWAYS, DEFAULT_RANGE, MAX_LIMIT, Clock, read_filter
from exporters.web.parameters import Parameters


def timeline_blueprint(pool: CursorPool, now: Clock) -> Blueprint:
    """Return the route."""
    api = Blueprint("timeline", __name__, url_prefix="/api/v1")

    @api.get("/timeline")
    def timeline() -> ResponseReturnValue:
        asked = Parameters(request.args, (*ALWAYS, "service", "severity"))
        found = read_filter(asked, now())
        span = asked.span(DEFAULT_RANGE, found.now_ms)
        # Nobody knows the future: lanes end now at the latest.
        span = Span(span.from_ms, min(span.to_ms, found.now_ms))
        limit = asked.integer("limit", MAX_LIMIT, 1, MAX_LIMIT)
        return jsonify(timeline_rows(pool, replace(found, span=span, limit=limit)))

    return api
