"""A server on loopback that speaks Ollama's ``POST /api/chat``, and misbehaves when told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOD = {
    "headline": "payments fails for 36 % of requests (usually 0.2 %)",
    "summary": "Since 13:37 UTC, 36 % of requests to payments fail. Usual is 0.2 %.",
    "impact": "87 of 240 requests failed in the worst minute.",
    "most_affected": ["payments", "payments /api/charge"],
    "hypothesis": "Most failures come from /api/charge.",
    "check_first": ["Logs of payments since 13:37 UTC.", "Recent deployments of payments."],
    "confidence": "medium",
}


def answer(**changes: object) -> str:
    """Return the text of an account, with some fields changed."""
    return json.dumps(GOOD | changes)


@dataclass(frozen=True)
class Response:
    """How the twin answers: a status and a body, or whatever ``send`` does."""

    status: int = 200
    body: bytes = b""
    send: Callable[[BaseHTTPRequestHandler], None] | None = None


def says(content: str) -> Response:
    """Answer with this text, in the documented form."""
    message = {"role": "assistant", "content": content}
    body = {"model": "phi4-mini", "message": message, "done_reason": "stop", "done": True, "total_duration": 5}
    return Response(200, json.dumps(body).encode())


def fails(status: int, error: str) -> Response:
    """Answer with a status and Ollama's form of an error."""
    return Response(status, json.dumps({"error": error}).encode())


class OllamaTwin:
    """Answers each question with the next response of a list; the last one stays. ``released`` ends what hangs."""

    def __init__(self, *responses: Response) -> None:
        self.responses = list(responses) or [says(answer())]
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.loads: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.asked = threading.Event()
        self.released = threading.Event()
        self.url = ""

    def next(self) -> Response:
        """Return the response to a question."""
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]

    def respond(self, path: str, body: dict[str, Any]) -> Response:
        """Take a request and return its response. A chat without messages loads the model, as Ollama documents."""
        if not body["messages"]:
            self.loads.append(body)
            loaded = {"message": {"role": "assistant", "content": ""}, "done_reason": "load", "done": True}
            return Response(200, json.dumps(loaded).encode())
        self.requests.append((path, body))
        response = self.next()
        self.asked.set()
        return response

    def hangs(self) -> Response:
        """Send nothing until released."""

        def send(_handler: BaseHTTPRequestHandler) -> None:
            self.released.wait(60)

        return Response(send=send)

    def drips(self, *, headers: bool = False) -> Response:
        """Send a byte every 20 ms until released: of the body, or before it of a header that never ends."""

        def send(handler: BaseHTTPRequestHandler) -> None:
            head = b"HTTP/1.1 200 OK\r\nX-Slow: " if headers else b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"
            handler.wfile.write(head)
            while not self.released.wait(0.02):
                handler.wfile.write(b" ")

        return Response(send=send)

    def breaks_off(self) -> Response:
        """Close the connection in the middle of the body."""

        def send(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n{")

        return Response(send=send)

    def hangs_up(self) -> Response:
        """Close the connection without a word."""
        return Response(send=lambda _handler: None)


@contextmanager
def serving(twin: OllamaTwin) -> Iterator[OllamaTwin]:
    """Serve a twin until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            twin.headers.append(dict(self.headers.items()))
            response = twin.respond(self.path, body)
            try:
                if response.send is not None:
                    response.send(self)
                    return
                self.send_response(response.status)
                self.send_header("Content-Length", str(len(response.body)))
                self.end_headers()
                self.wfile.write(response.body)
            except OSError:
                return

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the signature of the base
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    twin.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield twin
    finally:
        twin.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
