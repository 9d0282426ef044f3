"""Closing a server is quick, and lets answers under way arrive."""

import http.client
import threading
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from local.ports import LOOPBACK, free_ports
from runtime.http_server import HttpServer


def hello(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def port() -> int:
    (free,) = free_ports(1)
    return free


def connected(port: int) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    connection.request("GET", "/")
    return connection


def test_a_client_that_keeps_its_connection_does_not_hold_the_end_up(port: int) -> None:
    server = HttpServer(hello, LOOPBACK, port, threads=2)
    server.start()
    connection = connected(port)
    assert connection.getresponse().read() == b"hello"
    began = time.monotonic()
    server.close()
    assert time.monotonic() - began < 2
    connection.close()


def test_an_answer_under_way_arrives(port: int) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.set()
        go_on.wait(5)
        return hello(environ, start_response)

    server = HttpServer(slow, LOOPBACK, port, threads=2)
    server.start()
    connection = connected(port)
    assert asked.wait(5)
    closing = threading.Thread(target=server.close)
    closing.start()
    go_on.set()
    assert connection.getresponse().read() == b"hello"
    closing.join(5)
    assert not closing.is_alive()
    connection.close()


def test_a_serving_thread_that_is_awake_already_does_not_disturb_the_end(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = HttpServer(hello, LOOPBACK, port, threads=2)
    trigger = server._server.trigger
    pull = trigger._physical_pull

    def pulled_by_another_thread_as_well() -> None:
        pull()
        deadline = time.monotonic() + 0.2
        while trigger.thunks and time.monotonic() < deadline:
            time.sleep(0.001)
        pull()

    monkeypatch.setattr(trigger, "_physical_pull", pulled_by_another_thread_as_well)
    server.start()
    server.close()
    assert trigger._closed


def test_nobody_gets_in_any_more(port: int) -> None:
    server = HttpServer(hello, LOOPBACK, port, threads=2)
    server.start()
    server.close()
    with pytest.raises(ConnectionRefusedError):
        connected(port)
