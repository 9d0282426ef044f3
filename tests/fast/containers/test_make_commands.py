"""`make` speaks to the containers while there are any, else to what runs here; who has no engine notices nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from containers.readiness import endpoints
from local.paths import REPOSITORY

SERVICES = [one.name for one in endpoints({})]
COMMANDS = [
    (["health"], "exec -T exporters python -m local.health_command", "-m local.health_command"),
    (["jobs"], "exec -T exporters python -m local.jobs_command", "-m local.jobs_command"),
    (["run-job", "JOB=retention"], "exec -T exporters python -m local.jobs_command retention",
     "-m local.jobs_command retention"),
    (["inject", "SERVICE=pay,ments", "KIND=latency"],
     "exec -T generator python -m local.inject_command pay,ments latency 3",
     "-m local.inject_command pay,ments latency 3"),
    (["logs", "SERVICE=kafka"], "logs --follow --tail=20 kafka", "tail -n 20 -F data/logs/kafka.log"),
    (["logs"], "logs --follow --tail=20", "tail -n 20 -F data/logs/*.log"),
    (["status"], "", "-m local.status"),
]  # fmt: skip


class Checkout:
    """A copy of what `make` needs, with stand-ins for everything that it starts; each notes what it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.notes, self.tools = folder, folder / "notes", folder / "bin"
        shutil.copy(REPOSITORY / "Makefile", folder)
        shutil.copytree(REPOSITORY / "containers", folder / "containers")
        self.stand_in(folder / ".venv" / "bin" / "python", f'echo "here: $*" >> {self.notes}')
        self.stand_in(self.tools / "tail", f'echo "here: tail $*" >> {self.notes}')

    def stand_in(self, path: Path, script: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def engine(self, ps: str, execute: str = "true") -> None:
        """Have a Docker that does this when it is asked for its containers, and to run a command in one."""
        note = f'test "$2" = version || echo "engine: $*" >> {self.notes}'
        self.stand_in(self.tools / "docker", f'{note}\ncase "$2" in ps) {ps} ;; exec) {execute} ;; esac')

    def started(self) -> None:
        """Have an .env as `make up` leaves it."""
        (self.folder / ".env").write_text("API_TOKEN=0123456789abcdef\nSECRETS_DIR=./data/secrets\n", encoding="utf-8")

    def make(self, *arguments: str, python: str = sys.executable, path: str = "") -> subprocess.CompletedProcess[str]:
        """Run `make` where nothing of the platform listens."""
        ports = {f"{name.upper()}_PORT": "1" for name in SERVICES}
        environment = {"PATH": path or f"{self.tools}:{os.environ['PATH']}", **ports}
        command = [shutil.which("make") or "make", *arguments, f"PYTHON={python}"]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def told(self) -> list[str]:
        return self.notes.read_text(encoding="utf-8").splitlines() if self.notes.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize(("arguments", "inside", "_here"), COMMANDS)
def test_with_containers_they_are_asked(checkout: Checkout, arguments: list[str], inside: str, _here: str) -> None:
    checkout.engine("echo 0123456789ab")
    checkout.started()
    ended = checkout.make(*arguments)
    assert checkout.told() == ["engine: compose ps -q", *([f"engine: compose {inside}"] if inside else [])]
    assert ("exporters" in ended.stdout) == (arguments == ["status"])


@pytest.mark.parametrize(("arguments", "_inside", "here"), COMMANDS)
@pytest.mark.parametrize("answer", ["true", "exit 1"], ids=["none runs", "the engine fails"])
def test_without_containers_what_runs_here_is_asked(
    checkout: Checkout, arguments: list[str], _inside: str, here: str, answer: str
) -> None:
    checkout.engine(answer)
    checkout.started()
    ended = checkout.make(*arguments)
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "")
    assert checkout.told() == ["engine: compose ps -q", f"here: {here}"]


@pytest.mark.parametrize(("arguments", "_inside", "here"), COMMANDS)
def test_before_the_first_make_up_nobody_is_asked_whether_there_are_any(
    checkout: Checkout, arguments: list[str], _inside: str, here: str
) -> None:
    checkout.engine("echo 0123456789ab")
    ended = checkout.make(*arguments, python="/no/python")
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "")
    assert checkout.told() == [f"here: {here}"]


def test_who_has_no_engine_any_more_hears_nothing_of_it(checkout: Checkout) -> None:
    checkout.started()
    ended = checkout.make("health", path=str(checkout.tools))
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "")
    assert checkout.told() == ["here: -m local.health_command"]


def test_what_fails_in_a_container_fails_and_is_not_done_here(checkout: Checkout) -> None:
    checkout.engine("echo 0123456789ab", "exit 3")
    checkout.started()
    assert checkout.make("health").returncode != 0
    assert checkout.told() == [
        "engine: compose ps -q",
        "engine: compose exec -T exporters python -m local.health_command",
    ]
