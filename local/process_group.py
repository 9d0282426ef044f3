"""A child process with everything it starts, in a process group of its own."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.interruption import interrupts_deferred
from local.log_files import open_log


class ProcessGroup:
    """A running child in its own session; its output goes to a log file."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @classmethod
    def start(
        cls, command: Sequence[str], log_path: Path, environment: Mapping[str, str] | None = None
    ) -> "ProcessGroup":
        """Start ``command``.

        Args:
            command: program and arguments.
            log_path: both outputs are appended here.
            environment: variables on top of this process's environment.

        Raises:
            OSError: the program cannot be started.
        """
        with open_log(log_path) as log:
            process = subprocess.Popen(
                command, env={**os.environ, **(environment or {})}, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return cls(process)

    @property
    def pid(self) -> int:
        """Process id of the child, which is also the id of its group."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return the child's exit code (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    def wait(self, timeout_seconds: float) -> int | None:
        """Wait for the child to end; return its exit code, or None when it still runs after the time limit."""
        try:
            return self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self) -> None:
        """Ask the child to end (SIGTERM to the child alone, which knows how to end its own children)."""
        self._process.terminate()

    def kill(self) -> None:
        """End the child and everything left in its group at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self, timeout_seconds: float) -> int:
        """Ask the child to end, then end whatever is left of its group; return the child's exit code."""
        with interrupts_deferred():
            self.terminate()
            self.wait(timeout_seconds)
            self.kill()
        return self._process.wait()


def describe_exit(exit_code: int) -> str:
    """Return an exit code in words."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    return f"was ended by {signal.Signals(-exit_code).name}"
