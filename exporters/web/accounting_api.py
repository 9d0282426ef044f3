"""``/batches``, ``/dead-letters`` and ``/books`` of the JSON API: what became of every event."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from exporters.store import queries
from exporters.store.pool import CursorPool
from exporters.web.filters import ALWAYS, DEFAULT_LIMIT, MAX_LIMIT
from exporters.web.parameters import Parameters


def accounting_blueprint(pool: CursorPool) -> Blueprint:
    """Return the routes."""
    api = Blueprint("accounting", __name__, url_prefix="/api/v1")

    @api.get("/batches")
    def batches() -> ResponseReturnValue:
        asked = Parameters(request.args, ALWAYS)
        return jsonify(queries.batch_rows(pool, asked.span(), _limit(asked)))

    @api.get("/dead-letters")
    def dead_letters() -> ResponseReturnValue:
        asked = Parameters(request.args, ALWAYS)
        return jsonify(queries.dead_letter_rows(pool, asked.span(), _limit(asked)))

    @api.get("/books")
    def books() -> ResponseReturnValue:
        Parameters(request.args, ())
        return jsonify([queries.books_row(pool)])

    return api


def _limit(asked: Parameters) -> int:
    return asked.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
