"""The JSON API: flat arrays of flat rows."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from contracts.times import to_epoch_ms
from exporters.store import queries
from exporters.store.pool import CursorPool
from exporters.web.parameters import LAST_MS, Parameters

DEFAULT_RANGE = timedelta(hours=3)
DEFAULT_LIMIT, MAX_LIMIT = 1_000, 10_000
MAX_METRIC_ROWS = 100_000
"""Rows of ``/metrics``; three hours of 500 services fit."""


def api_blueprint(pool: CursorPool, now: Callable[[], datetime]) -> Blueprint:
    """Return the routes under ``/api/v1``."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")

    @api.get("/metrics")
    def metrics() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "service", "endpoint", "step_ms", "limit"))
        newest = queries.newest_window_end_ms(pool)
        span = asked.span(DEFAULT_RANGE, to_epoch_ms(now()) if newest is None else newest)
        step_ms = asked.integer("step_ms", default=1, least=1, most=LAST_MS)
        limit = asked.integer("limit", MAX_METRIC_ROWS, 1, MAX_METRIC_ROWS)
        selection = queries.Selection(span, asked.names("service"), asked.names("endpoint"))
        return jsonify(queries.metric_rows(pool, selection, step_ms, limit))

    @api.get("/services")
    def services() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "service", "limit"))
        return jsonify(queries.service_rows(pool, asked.span(), asked.names("service"), _limit(asked)))

    @api.get("/batches")
    def batches() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "limit"))
        return jsonify(queries.batch_rows(pool, asked.span(), _limit(asked)))

    @api.get("/dead-letters")
    def dead_letters() -> ResponseReturnValue:
        asked = Parameters(request.args, ("from", "to", "limit"))
        return jsonify(queries.dead_letter_rows(pool, asked.span(), _limit(asked)))

    @api.get("/books")
    def books() -> ResponseReturnValue:
        Parameters(request.args, ())
        return jsonify([queries.books_row(pool)])

    return api


def _limit(asked: Parameters) -> int:
    return asked.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
