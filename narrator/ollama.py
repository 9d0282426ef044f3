"""A model behind Ollama's ``POST /api/chat``.

The call is made with a connection in hand, since only a socket can be cut off at a moment: the limit is that of the
whole call, however slowly the server sends. It is never made through a proxy.

Source: Ollama's API documentation, "Generate a chat completion" and "Structured outputs".
"""

import http.client
import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from narrator.answer import FORMAT
from narrator.model import Failure, ModelFailedError

CONNECT_SECONDS = 5.0
"""Longest wait for a connection, in seconds, for each of the two addresses that a host usually has."""

MAX_RESPONSE_BYTES = 512 * 1024

_OPTIONS = {"temperature": 0, "num_ctx": 4096, "num_predict": 500}
_DETAIL_LENGTH = 200
_STATUS_FAILURES = {404: Failure.MISSING_MODEL, 429: Failure.BUSY, 503: Failure.BUSY}


class _Line:
    """The socket of a call, which another thread may cut."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.is_cut = False

    def cut(self) -> None:
        """End every read and write on the socket."""
        self.is_cut = True
        try:
            # A TLS socket's own shutdown would first take its state away from the thread that reads.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:
            return


class Ollama:
    """``Model`` over HTTP."""

    def __init__(self, url: str, model: str, timeout_seconds: float) -> None:
        """Nothing is asked yet.

        Args:
            url: address of the server, without ``/api``.
            model: as ``ollama list`` names it.
            timeout_seconds: limit of one question, from the connection to the last byte.
        """
        self._url, self._model, self._timeout_seconds = urlsplit(url), model, timeout_seconds
        self._lock = threading.Lock()
        self._line: _Line | None = None
        self._is_abandoned = False

    @property
    def name(self) -> str:
        """See ``Model``."""
        return self._model

    def ask(self, system: str, user: str) -> str:
        """See ``Model``."""
        request = {
            "model": self._model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "stream": False,
            "format": FORMAT,
            "options": _OPTIONS,
        }
        started = time.monotonic()
        connection = self._connection()
        cutter: threading.Timer | None = None
        try:
            line = self._connect(connection)
            cutter = threading.Timer(started + self._timeout_seconds - time.monotonic(), line.cut)
            cutter.daemon = True
            cutter.start()
            status, payload = self._exchange(connection, line, json.dumps(request).encode())
        finally:
            if cutter is not None:
                cutter.cancel()
            connection.close()
        return _content(status, payload)

    def abandon(self) -> None:
        """See ``Model``."""
        with self._lock:
            self._is_abandoned = True
            if self._line is not None:
                self._line.cut()

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        return kind(self._url.hostname or "", self._url.port, timeout=min(CONNECT_SECONDS, self._timeout_seconds / 2))

    def _connect(self, connection: http.client.HTTPConnection) -> _Line:
        try:
            connection.connect()
        except OSError as error:
            raise ModelFailedError(Failure.UNREACHABLE, str(error)) from error
        connected: socket.socket = connection.sock
        connected.settimeout(self._timeout_seconds)
        with self._lock:
            self._line = _Line(connected)
            if self._is_abandoned:
                self._line.cut()
            return self._line

    def _exchange(self, connection: http.client.HTTPConnection, line: _Line, body: bytes) -> tuple[int, bytes]:
        """Send the question and return status and body of the response.

        Raises:
            ModelFailedError: the time was over, or the server did not speak HTTP to the end.
        """
        try:
            connection.request("POST", f"{self._url.path}/api/chat", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            payload = response.read(MAX_RESPONSE_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            if line.is_cut or isinstance(error, TimeoutError):
                raise self._timed_out() from error
            raise ModelFailedError(Failure.HTTP_ERROR, f"{type(error).__name__}: {error}") from error
        if line.is_cut:
            raise self._timed_out()
        if response.length and len(payload) <= MAX_RESPONSE_BYTES:
            raise ModelFailedError(Failure.HTTP_ERROR, f"the response broke off with {response.length} bytes missing")
        return response.status, payload

    def _timed_out(self) -> ModelFailedError:
        return ModelFailedError(Failure.TIMEOUT, f"no complete answer within {self._timeout_seconds:g} s")


def _content(status: int, payload: bytes) -> str:
    """Return the text in a response.

    Raises:
        ModelFailedError: the status is not 200, or the body holds no text.
    """
    if status != 200:
        failure = _STATUS_FAILURES.get(status, Failure.HTTP_ERROR)
        raise ModelFailedError(failure, f"status {status}: {_shown(payload)}")
    if len(payload) > MAX_RESPONSE_BYTES:
        raise ModelFailedError(Failure.INVALID_ANSWER, f"the response is longer than {MAX_RESPONSE_BYTES} bytes")
    try:
        response: Any = json.loads(payload)
        content = response["message"]["content"]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise ModelFailedError(Failure.INVALID_ANSWER, f"not Ollama's answer: {_shown(payload)}") from error
    if not isinstance(content, str) or not content.strip():
        raise ModelFailedError(Failure.INVALID_ANSWER, "the answer has no content")
    return content


def _shown(payload: bytes) -> str:
    return payload[:_DETAIL_LENGTH].decode("utf-8", errors="replace")
