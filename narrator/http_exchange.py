"""One HTTP request within a limit for the whole of it, that another thread may cut off.

The call is made with a connection in hand, since only a socket can be cut off at a moment: the limit holds however
slowly the server sends. It is never made through a proxy.
"""

import http.client
import json
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from narrator.model import MAX_ANSWER_TOKENS, Failure, ModelFailedError

CONNECT_SECONDS = 5.0
"""Longest wait for a connection, in seconds, for each of the two addresses that a host usually has."""

MAX_RESPONSE_BYTES = 512 * 1024
_DETAIL_LENGTH = 200


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


class HttpExchange:
    """Posts JSON to one server, one request at a time."""

    def __init__(self, url: str, timeout_seconds: float, headers: Mapping[str, str] | None = None) -> None:
        """Nothing is sent yet.

        Args:
            url: address of the server; its path stands before that of each request.
            timeout_seconds: limit of one request, from the connection to the last byte.
            headers: sent with each request.
        """
        self._url, self._timeout_seconds = urlsplit(url), timeout_seconds
        self._headers = {"Content-Type": "application/json", **(headers or {})}
        self._lock = threading.Lock()
        self._line: _Line | None = None
        self._is_abandoned = False

    def post(self, path: str, body: Mapping[str, object]) -> tuple[int, bytes]:
        """Return status and body of the response.

        Raises:
            ModelFailedError: nobody answers, the time was over, or the server did not speak HTTP to the end.
        """
        started = time.monotonic()
        connection = self._connection()
        cutter: threading.Timer | None = None
        try:
            line = self._connect(connection)
            cutter = threading.Timer(started + self._timeout_seconds - time.monotonic(), line.cut)
            cutter.daemon = True
            cutter.start()
            return self._exchange(connection, line, path, json.dumps(body).encode())
        finally:
            if cutter is not None:
                cutter.cancel()
            connection.close()

    def abandon(self) -> None:
        """End the request under way, if there is one, and every later one. May be called from any thread."""
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

    def _exchange(
        self, connection: http.client.HTTPConnection, line: _Line, path: str, body: bytes
    ) -> tuple[int, bytes]:
        try:
            connection.request("POST", f"{self._url.path}{path}", body, self._headers)
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


def decoded(payload: bytes) -> Any:  # noqa: ANN401 - decoded JSON
    """Return the JSON of a response.

    Raises:
        ModelFailedError: it is too long, or none.
    """
    if len(payload) > MAX_RESPONSE_BYTES:
        raise ModelFailedError(Failure.INVALID_ANSWER, f"the response is longer than {MAX_RESPONSE_BYTES} bytes")
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ModelFailedError(Failure.INVALID_ANSWER, f"not a JSON answer: {shown(payload)}") from error


def content(answer: Any, form: str, ended_because: str) -> str:  # noqa: ANN401 - decoded JSON
    """Return the text of a chat message that is complete.

    Args:
        answer: the object that holds ``message`` and why it ended.
        form: what such an object is called, in words.
        ended_because: the key of why it ended; ``length`` means that the text was cut off.

    Raises:
        ModelFailedError: there is none, it is empty, or cut off.
    """
    try:
        text = answer["message"]["content"]
    except (KeyError, TypeError) as error:
        detail = f"not {form}: {shown(str(answer).encode())}"
        raise ModelFailedError(Failure.INVALID_ANSWER, detail) from error
    if not isinstance(text, str) or not text.strip():
        raise ModelFailedError(Failure.INVALID_ANSWER, "the answer has no content")
    if answer.get(ended_because) == "length":
        detail = f"the answer was cut off after {MAX_ANSWER_TOKENS} tokens"
        raise ModelFailedError(Failure.INVALID_ANSWER, detail)
    return text


def failed(status: int, payload: bytes) -> ModelFailedError:
    """Return what a status other than 200 means.

    A 404 that does not speak of a model comes from a server that is another one than expected.
    """
    failure = {429: Failure.BUSY, 503: Failure.BUSY}.get(status, Failure.HTTP_ERROR)
    if status == 404 and b"model" in payload.lower():
        failure = Failure.MISSING_MODEL
    return ModelFailedError(failure, f"status {status}: {shown(payload)}")


def shown(payload: bytes) -> str:
    """Return the beginning of a response for a log line."""
    return payload[:_DETAIL_LENGTH].decode("utf-8", errors="replace")
