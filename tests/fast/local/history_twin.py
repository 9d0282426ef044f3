"""Exporters that tell a past, and a real Prometheus that scrapes them."""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from local.history.prometheus_api import HistoryError, PrometheusApi
from local.paths import REPOSITORY
from local.ports import free_ports

STEP = 15
MINUTES = 10


@dataclass
class ExportersTwin:
    """Tells ten minutes that ended 20 s ago, once it has caught up; ``broken`` leaves the end of the text away."""

    until: int = field(default_factory=lambda: int(time.time()) - 20)
    catching_up: int = 0
    broken: bool = False
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def seconds(self) -> range:
        return range(self.until - MINUTES * 60, self.until + 1, STEP)

    def text(self, asked: dict[str, str]) -> str:
        own = f'instance="{asked.get("instance")}",job="{asked.get("job")}"'
        told = [second for second in self.seconds if 1000 * second > int(asked["from"])]
        lines = ["# TYPE service_window_request_rate gauge"]
        lines += [f'service_window_request_rate{{service="a",{own}}} 2.5 {second}' for second in told]
        ended = [second for second in told if second < self.until - 300]
        lines += [f'service_window_request_rate{{service="gone",{own}}} 1.5 {second}' for second in ended]
        lines += [f'slo_error_budget_remaining_ratio{{service="a",{own}}} 0.5 {second}' for second in told]
        return "\n".join([*lines, *([] if self.broken else ["# EOF"])]) + "\n"

    def answer(self, path: str) -> tuple[int, str]:
        parts = urlsplit(path)
        if parts.path == "/metrics":
            return 200, ""
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(asked)
        if self.catching_up:
            self.catching_up -= 1
            return 503, '{"error": {"code": "catching_up"}}'
        return 200, self.text(asked)


@contextmanager
def serving(twin: ExportersTwin) -> Iterator[ExportersTwin]:
    """Let the twin answer for the length of a block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = twin.answer(self.path)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Samples-Until-Ms", str(1000 * twin.until))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    twin.url = f"127.0.0.1:{server.server_port}"
    try:
        yield twin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


RULES = """groups:
  - name: services
    rules:
      - record: service:rate:max
        expr: max by (service) (service_window_request_rate)
      - record: service:rate_doubled:max
        expr: 2 * service:rate:max
      - record: pipeline:nothing:sum
        expr: sum(service_window_request_rate)
"""


@contextmanager
def scraping(twin: ExportersTwin, folder: Path) -> Iterator[PrometheusApi]:
    """Run a Prometheus with the shipped configuration and rules of the test."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("Prometheus is not installed")
    shutil.copytree(REPOSITORY / "prometheus", folder / "etc")
    shutil.rmtree(folder / "etc" / "rules")
    (folder / "etc" / "rules").mkdir()
    (folder / "etc" / "rules" / "test.yml").write_text(RULES, encoding="utf-8")
    (folder / "etc" / "targets").mkdir(exist_ok=True)
    targets = [{"targets": [twin.url], "labels": {"job": "exporters"}}]
    (folder / "etc" / "targets" / "test.json").write_text(json.dumps(targets), encoding="utf-8")
    (port,) = free_ports(1)
    command = [program, f"--config.file={folder}/etc/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb"]
    options = [f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver"]
    with (folder / "log").open("wb") as log, subprocess.Popen([*command, *options], stdout=log, stderr=log) as process:
        try:
            api = PrometheusApi(f"http://127.0.0.1:{port}")
            wait_for_targets(api)
            yield api
        finally:
            process.kill()


def wait_for_targets(api: PrometheusApi) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if api.targets():
                return
        except HistoryError:
            pass
        time.sleep(0.1)
    raise AssertionError("Prometheus did not find its targets")
