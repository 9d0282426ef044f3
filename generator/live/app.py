"""The generator's HTTP: ``/metrics`` and ``/health``, and faults on demand."""

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from werkzeug.exceptions import HTTPException

from generator.live.inject_request import InjectRequestError, read_inject_request
from generator.live.injections import FaultRunsError, Injections, NotLiveError
from generator.live.loopback import refusal
from runtime.telemetry import Health, telemetry_app

MAX_BODY_BYTES = 4_096
_JSON = "application/json"

logger = logging.getLogger(__name__)


def create_app(injections: Injections, registry: CollectorRegistry, health: Health) -> Flask:
    """Return a fresh application over the given faults."""
    app = Flask("generator", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _internal_error)
    telemetry = telemetry_app(registry, health)

    @app.get("/metrics")
    @app.get("/health")
    def answer_telemetry() -> ResponseReturnValue:
        return Response.from_app(telemetry, request.environ)

    @app.get("/injections")
    def running() -> ResponseReturnValue:
        return jsonify([injection.model_dump(mode="json") for injection in injections.running()])

    @app.post("/inject")
    def inject() -> ResponseReturnValue:
        return _inject(injections)

    return app


def _inject(injections: Injections) -> ResponseReturnValue:
    refused = refusal(request.remote_addr, request.headers.get("Host"), request.headers.get("Origin"))
    if refused is not None:
        return _error(HTTPStatus.FORBIDDEN, refused)
    if request.mimetype != _JSON:
        return _error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the Content-Type has to be {_JSON}")
    try:
        wanted = read_inject_request(request.get_data())
        fault = injections.request(wanted.service, wanted.kind, wanted.length_ms, wanted.magnitude)
    except InjectRequestError as error:
        return _error(HTTPStatus.BAD_REQUEST, str(error))
    except FaultRunsError as error:
        return _error(HTTPStatus.CONFLICT, str(error))
    except NotLiveError as error:
        return _error(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    logger.info("injecting a fault that was asked for", extra={"injection_id": fault.injection_id})
    return jsonify(fault.model_dump(mode="json")), HTTPStatus.CREATED


def _error(status: HTTPStatus, message: str) -> ResponseReturnValue:
    return jsonify({"error": {"code": status.name.lower(), "message": message}}), status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status is HTTPStatus.NOT_FOUND:
        return _error(status, "this service answers /metrics, /health, /inject and /injections")
    return _error(status, error.description or status.phrase)


def _internal_error(error: Exception) -> ResponseReturnValue:
    logger.exception("a request failed; this is a bug, please report it with these lines", exc_info=error)
    return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "the request failed; the generator's log says why")
