"""Finds Compose, whichever of its three forms this machine has, and runs it."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from containers.errors import ContainersError

REPOSITORY = Path(__file__).resolve().parent.parent
COMPOSE_VARIABLE = "COMPOSE"
"""Names the command where another than the first that works is wanted: ``COMPOSE=podman-compose``."""

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended."""

TIMED_OUT = 124
"""The exit code of a command that did not end in time."""

_FORMS = (("docker", "compose"), ("docker-compose",), ("podman-compose",))
_ANSWER_SECONDS = 30

HOW_TO_INSTALL = """No Compose was found. Install one of them and run the command again:
    Docker:  docker.com, with its plugin compose (docker compose), or docker-compose 1.29
    Podman:  podman 4.6 or later with podman-compose 1.3 or later
or run the platform without containers: make demo"""


class ComposeNotFoundError(ContainersError):
    """No form of Compose works on this machine."""


@dataclass(frozen=True, slots=True)
class Compose:
    """A command that understands docker-compose.yml."""

    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    """What the file may use beside the environment and .env."""

    def run(self, *arguments: str, at_most_seconds: float | None = None) -> int:
        """Run it in the repository with this process's output; the result is its exit code."""
        environment = {**os.environ, **self.variables}
        try:
            return subprocess.run(
                [*self.command, *arguments], cwd=REPOSITORY, env=environment, timeout=at_most_seconds, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return TIMED_OUT
        except KeyboardInterrupt:
            return INTERRUPTED

    def answer(self, *arguments: str) -> str:
        """Return what it says on its output; nothing when it fails."""
        return _answer([*self.command, *arguments]) or ""


def find_compose(environment: Mapping[str, str] | None = None) -> Compose:
    """Return the form that the environment names, else the first that works.

    Raises:
        ComposeNotFoundError: none does; the text says how to install one.
    """
    environment = os.environ if environment is None else environment
    named = environment.get(COMPOSE_VARIABLE)
    forms = [tuple(shlex.split(named))] if named else _FORMS
    for form in forms:
        program = shutil.which(form[0], path=environment.get("PATH", os.defpath))
        if program and _answer([program, *form[1:], "version"]) is not None:
            return Compose((program, *form[1:]))
    raise ComposeNotFoundError(f"{COMPOSE_VARIABLE}={named} does not work" if named else HOW_TO_INSTALL)


def _answer(command: Sequence[str]) -> str | None:
    """Return the output of a command, or None when it fails."""
    try:
        completed = subprocess.run(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return completed.stdout if completed.returncode == 0 else None
