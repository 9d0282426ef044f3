"""A service on loopback that answers what a test gives it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Twin:
    """``answers`` maps a path to status and body, or to raw bytes that are sent as they are, headers included."""

    answers: dict[str, tuple[int, bytes] | bytes] = field(default_factory=dict)
    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    hold: threading.Event | None = None
    drip_seconds: float = 0.0

    def says(self, metrics: str, status: int = 200, health: bytes = b'{"status": "ok", "reason": null}') -> None:
        """Answer both paths."""
        self.answers = {"/health": (status, health), "/metrics": (200, metrics.encode())}


@contextmanager
def serving(twin: Twin) -> Iterator[Twin]:
    """Let the twin answer on a free port for the length of a block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            twin.asked.append(self.path)
            twin.headers.append(dict(self.headers))
            if twin.hold is not None:
                twin.hold.wait(10)
            answer = twin.answers.get(self.path, (404, b""))
            if isinstance(answer, bytes):
                self.wfile.write(answer)
                return
            status, body = answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self._write(body)
            except OSError:
                return

        def _write(self, body: bytes) -> None:
            if not twin.drip_seconds:
                self.wfile.write(body)
                return
            for byte in body:
                self.wfile.write(bytes([byte]))
                threading.Event().wait(twin.drip_seconds)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    twin.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield twin
    finally:
        if twin.hold is not None:
            twin.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
