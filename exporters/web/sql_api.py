"""``POST /api/v1/sql``: reading SQL, when the operator has allowed it."""

from http import HTTPStatus

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from exporters.store.ad_hoc_sql import select_rows
from exporters.store.pool import CursorPool
from exporters.web.bodies import json_body
from exporters.web.errors import ParameterError, error_response


def sql_blueprint(pool: CursorPool, *, enabled: bool) -> Blueprint:
    """Return the route; unless enabled it answers 403."""
    api = Blueprint("sql", __name__, url_prefix="/api/v1")

    @api.post("/sql")
    def sql() -> ResponseReturnValue:
        if not enabled:
            return error_response(HTTPStatus.FORBIDDEN, "sql_disabled", "set API_SQL_ENABLED=true to allow it")
        return jsonify(select_rows(pool, _statement()))

    return api


def _statement() -> str:
    statement = json_body().get("sql")
    if not isinstance(statement, str):
        raise ParameterError('the body is a JSON object like {"sql": "SELECT ..."}')
    return statement
