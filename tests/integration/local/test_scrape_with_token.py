"""A real Prometheus on the shipped files scrapes exporters that ask for a token, and shows it to nobody else."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from pydantic import SecretStr

from local.loopback import loopback_session
from local.processes import Supervisor
from local.prometheus import prometheus
from local.prometheus_installation import find_prometheus
from local.stack import Stack
from tests.integration.pipeline.pipeline import poll_until

TOKEN = SecretStr("0123456789abcdef")
PATIENCE_SECONDS = 60


@contextmanager
def listener(port: int = 0) -> Iterator[tuple[int, list[str | None]]]:
    """Answer scrapes; the value is the port and what each bore."""
    borne: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            borne.append(self.headers.get("Authorization"))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port, borne
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def start(supervisor: Supervisor, stack: Stack, program: Path, *, with_token: SecretStr | None) -> None:
    """Start the exporters, and a Prometheus that scrapes them every second with a token of its own."""
    scraper = prometheus(replace(stack, token=with_token), program)
    path = stack.data_dir / "prometheus" / "prometheus.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("scrape_interval: 15s", "scrape_interval: 1s\n  scrape_timeout: 1s"), encoding="utf-8")
    supervisor.start(stack.exporters(), scraper, deadline_seconds=PATIENCE_SECONDS)


def targets(stack: Stack) -> dict[str, Mapping[str, str]]:
    """Return what Prometheus says of each target that it has scraped, by its job."""
    try:
        answer = loopback_session().get(f"{stack.url('prometheus')}/api/v1/targets", timeout=5)
    except requests.RequestException:
        return {}
    active = answer.json()["data"]["activeTargets"]
    assert len({target["scrapeUrl"] for target in active}) == len(active)
    return {target["labels"]["job"]: target for target in active if target["health"] != "unknown"}


@pytest.fixture
def program() -> Path:
    return find_prometheus() or pytest.skip("prometheus is not installed")


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return replace(Stack.isolated(tmp_path / "data", {"KAFKA_BROKER": "127.0.0.1:1"}), token=TOKEN)


def test_the_exporters_are_scraped_with_the_token_and_nobody_else_is_shown_it(stack: Stack, program: Path) -> None:
    with Supervisor() as supervisor, listener(stack.ports.detector) as (_, seen), listener() as (port, seen_unnamed):
        unnamed = stack.data_dir / "prometheus" / "targets" / "unnamed.json"
        unnamed.parent.mkdir(parents=True)
        unnamed.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}"]}]), encoding="utf-8")
        start(supervisor, stack, program, with_token=TOKEN)
        poll_until(lambda: {"exporters", "detector", "services"} <= targets(stack).keys(), PATIENCE_SECONDS)
        assert targets(stack)["exporters"]["health"] == "up", targets(stack)["exporters"]
        assert targets(stack)["exporters"]["lastError"] == ""
        assert set(seen) == set(seen_unnamed) == {None}


@pytest.mark.parametrize("token", [None, SecretStr("another-0123456789")], ids=["no token", "another token"])
def test_without_the_token_the_scrape_is_refused_and_says_so(
    stack: Stack, program: Path, token: SecretStr | None
) -> None:
    with Supervisor() as supervisor:
        start(supervisor, stack, program, with_token=token)
        poll_until(lambda: "exporters" in targets(stack), PATIENCE_SECONDS)
        assert targets(stack)["exporters"]["health"] == "down"
        assert "401" in targets(stack)["exporters"]["lastError"]


def test_exporters_that_ask_for_none_are_scraped_with_the_same_files(stack: Stack, program: Path) -> None:
    with Supervisor() as supervisor:
        start(supervisor, replace(stack, token=None), program, with_token=None)
        poll_until(lambda: "exporters" in targets(stack), PATIENCE_SECONDS)
        assert targets(stack)["exporters"]["health"] == "up", targets(stack)["exporters"]
