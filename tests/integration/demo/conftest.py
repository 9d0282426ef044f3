"""The very `make demo`, once for all tests of this folder, on ports and data of its own."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from local.exporters_client import ExportersClient
from local.loopback import loopback_session
from local.paths import REPOSITORY
from local.process_group import ProcessGroup
from local.stack import Stack
from tests.integration.pipeline.pipeline import poll_until

START_SECONDS = 240
WITHOUT_CONTAINERS = ("API_TOKEN=", "API_TOKEN_FILE=", "SECRETS_DIR=")
"""What `make up` left in this checkout's .env concerns no test; `make` prefers .env to the environment."""


@dataclass(frozen=True)
class Demo:
    """A running demo and what one asks it."""

    stack: Stack
    process: ProcessGroup
    output: Path

    @property
    def client(self) -> ExportersClient:
        return ExportersClient(self.stack.exporters_url)

    def get(self, service: str, path: str, parameters: Mapping[str, str | float] | None = None) -> requests.Response:
        return loopback_session().get(f"{self.stack.url(service)}{path}", params=parameters, timeout=15)

    def post(self, service: str, path: str, body: Mapping[str, Any]) -> requests.Response:
        return loopback_session().post(f"{self.stack.url(service)}{path}", json=body, timeout=15)

    def rows(self, name: str, **parameters: str | int) -> list[Any]:
        return list(self.client.rows(name, parameters))

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["make", *arguments, *WITHOUT_CONTAINERS]
        return subprocess.run(
            command, cwd=REPOSITORY, env=variables(self.stack), capture_output=True, text=True, timeout=120, check=False
        )

    def interrupt(self) -> None:
        """Do what Ctrl-C does: SIGINT to everything in the terminal's foreground."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> None:
        """End what still runs, by force only when it does not end by itself."""
        if self.process.exit_code() is None:
            self.interrupt()
            self.process.wait(30)
            self.process.kill()

    def left_behind(self) -> list[str]:
        """Return the command lines of processes that belong to this stack."""
        mark = str(self.stack.data_dir).encode()
        return [
            (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            for path in Path("/proc").glob("[0-9]*")
            if mark in _environment(path) and int(path.name) != os.getpid()
        ]


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def variables(stack: Stack) -> dict[str, str]:
    ports = {f"{name}_PORT".upper(): str(port) for name, port in asdict(stack.ports).items()}
    return {**os.environ, "DATA_DIR": str(stack.data_dir), **ports, **stack.settings}


def started(stack: Stack, folder: Path) -> Demo:
    """Start the demo and wait until it says that everything runs."""
    output = folder / "demo.txt"
    command = ["make", "-C", str(REPOSITORY), "demo", *WITHOUT_CONTAINERS]
    demo = Demo(stack, ProcessGroup.start(command, output, variables(stack)), output)
    try:
        poll_until(
            lambda: "Everything runs" in output.read_text() or demo.process.exit_code() is not None, START_SECONDS
        )
        assert demo.process.exit_code() is None, output.read_text()
    except BaseException:
        demo.end()
        raise
    return demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    settings = {
        "GENERATOR_ANOMALY_PROBABILITY": "0",
        "GENERATOR_BROKEN_SHARE": "0.002",
        "GENERATOR_SEED": "7",
        "BACKFILL": "2h",
    }
    running = started(Stack.isolated(folder / "data", settings), folder)
    yield running
    running.end()
