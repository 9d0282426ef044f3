"""``/metrics`` and ``/health`` of a service that has no other HTTP."""

import json
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app

Health = Callable[[], str | None]
"""Says why the service is not healthy, or None when it is."""


def telemetry_app(registry: CollectorRegistry, health: Health) -> WSGIApplication:
    """Return the application that answers ``/metrics`` and ``/health`` (503 with a reason when not healthy)."""
    metrics_app: WSGIApplication = make_wsgi_app(registry)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if path == "/metrics":
            return metrics_app(environ, start_response)
        if path == "/health":
            reason = health()
            status = "200 OK" if reason is None else "503 Service Unavailable"
            return _json(start_response, status, {"status": "ok" if reason is None else "unhealthy", "reason": reason})
        message = "this service answers /metrics and /health"
        return _json(start_response, "404 Not Found", {"error": {"code": "not_found", "message": message}})

    return app


def _json(start_response: StartResponse, status: str, body: object) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
