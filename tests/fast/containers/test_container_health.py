"""A container is well when its service says so; what it says otherwise is passed on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from containers.probe import main, reason_not_well
from containers.readiness import Endpoint, InvalidPortError, endpoints, wait_until_ready
from local.ports import free_ports


@contextmanager
def service(status: Callable[[], int]) -> Iterator[int]:
    """Answer every request with a status and a reason; the value is the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status())
            self.end_headers()
            self.wfile.write(b"waiting for Kafka")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_service_that_is_well_passes(capsys: pytest.CaptureFixture[str]) -> None:
    with service(lambda: 200) as port:
        assert main([str(port)]) == 0
    assert capsys.readouterr().out == "well\n"


def test_a_service_that_is_not_well_fails_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with service(lambda: 503) as port:
        assert main([str(port)]) == 1
    assert capsys.readouterr().out == "status 503: waiting for Kafka\n"


def test_nobody_who_listens_fails() -> None:
    (port,) = free_ports(1)
    assert "does not answer" in (reason_not_well(port, "/health") or "")


def test_a_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    (nobody,) = free_ports(1)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{nobody}")
    with service(lambda: 200) as port:
        assert reason_not_well(port, "/health") is None


def test_waiting_ends_when_all_are_well() -> None:
    statuses = iter([503, 200])
    reported: list[str] = []
    with service(lambda: next(statuses)) as port:
        left = wait_until_ready([Endpoint("detector", port, "/health", "")], 30, reported.append)
    assert left == {}
    assert [line.split()[0] for line in reported] == ["detector"]


def test_waiting_ends_with_the_time_and_tells_why() -> None:
    with service(lambda: 503) as port:
        left = wait_until_ready([Endpoint("detector", port, "/health", "")], 0, lambda _: None)
    assert left == {"detector": "status 503: waiting for Kafka"}


def test_ports_of_this_machine_are_those_of_the_variables() -> None:
    ports = {one.name: one.port for one in endpoints({"GRAFANA_PORT": "3001", "DETECTOR_PORT": ""})}
    assert (ports["grafana"], ports["detector"]) == (3001, 9103)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "3000 ", "²"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(InvalidPortError, match="GRAFANA_PORT"):
        endpoints({"GRAFANA_PORT": port})
