"""Errors of the HTTP interface, all of one form."""

import logging
from http import HTTPStatus

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from exporters.store.errors import QueryTimeoutError, RefusedSqlError, StoreBusyError

logger = logging.getLogger(__name__)


class ParameterError(ValueError):
    """A request asks for something that the API does not understand; the message names the parameter."""


def install_error_handlers(app: Flask) -> None:
    """Answer every error as ``{"error": {"code", "message"}}`` with the right status."""
    app.register_error_handler(ParameterError, _bad_parameter)
    app.register_error_handler(RefusedSqlError, _refused_sql)
    app.register_error_handler(StoreBusyError, _busy)
    app.register_error_handler(QueryTimeoutError, _timeout)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _internal_error)


def error_response(status: int, code: str, message: str) -> ResponseReturnValue:
    """Return the one form of an error."""
    return jsonify({"error": {"code": code, "message": message}}), status


def _bad_parameter(error: Exception) -> ResponseReturnValue:
    # Grafana shows nothing at all where an annotation query fails, so somebody has to be told.
    logger.warning("a request was not understood", extra={"path": request.path, "error": str(error)})
    return error_response(HTTPStatus.BAD_REQUEST, "bad_parameter", str(error))


def _refused_sql(error: Exception) -> ResponseReturnValue:
    return error_response(HTTPStatus.BAD_REQUEST, "refused_sql", str(error))


def _busy(error: Exception) -> ResponseReturnValue:
    return error_response(HTTPStatus.SERVICE_UNAVAILABLE, "store_busy", str(error))


def _timeout(error: Exception) -> ResponseReturnValue:
    return error_response(HTTPStatus.SERVICE_UNAVAILABLE, "query_timeout", str(error))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    response = jsonify({"error": {"code": status.name.lower(), "message": error.description or status.phrase}})
    response.status_code = status
    response.headers.extend(
        {name: value for name, value in error.get_headers() if name.lower() not in {"content-type", "content-length"}}
    )
    return response


def _internal_error(error: Exception) -> ResponseReturnValue:
    logger.exception("a request failed; this is a bug, please report it with these lines", exc_info=error)
    return error_response(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal_server_error", "the request failed; the exporters' log says why"
    )
