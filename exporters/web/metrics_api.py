"""``/metrics`` and ``/services`` of the JSON API: traffic."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from contracts.times import to_epoch_ms
from exporters.store import metric_queries
from exporters.store.pool import CursorPool
from exporters.store.selection import Selection
from exporters.store.steps import MAX_POINTS, Resolution
from exporters.web.filters import DEFAULT_LIMIT, DEFAULT_RANGE, MAX_LIMIT, Clock
from exporters.web.parameters import LAST_MS, Parameters


def metrics_blueprint(pool: CursorPool, now: Clock) -> Blueprint:
    """Return the routes."""
    api = Blueprint("metrics", __name__, url_prefix="/api/v1")

    @api.get("/metrics")
    def metrics() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "service", "endpoint", "step_ms", "max_points", "limit"))
        newest = metric_queries.newest_window_end_ms(pool)
        span = asked.span(DEFAULT_RANGE, to_epoch_ms(now()) if newest is None else newest)
        wanted = Resolution(
            asked.integer("step_ms", default=1, least=1, most=LAST_MS),
            asked.integer("max_points", default=MAX_POINTS, least=1, most=LAST_MS),
        )
        limit = asked.integer("limit", metric_queries.MAX_ROWS, 1, metric_queries.MAX_ROWS)
        selection = Selection(span, asked.names("service"), asked.names("endpoint"))
        rows = metric_queries.metric_rows_json(pool, selection, wanted, limit)
        return Response(rows, mimetype="application/json")

    @api.get("/services")
    def services() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "service", "limit"))
        limit = asked.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
        return jsonify(metric_queries.service_rows(pool, asked.span(), asked.names("service"), limit))

    return api
