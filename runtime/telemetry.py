"""``/metrics`` and ``/health`` of a service that has no other HTTP."""

import json
import threading
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app
from waitress.server import create_server

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


class TelemetryServer:
    """Serves an application on its own threads until it is closed."""

    def __init__(self, app: WSGIApplication, host: str, port: int) -> None:
        """Listen.

        Raises:
            OSError: the port is taken or the address is not this machine's.
        """
        self._server = create_server(app, host=host, port=port, threads=2)
        self._thread = threading.Thread(target=self._server.run, name="telemetry", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
