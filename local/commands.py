"""Commands that run to their end with their output in a log file."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from local.errors import LocalError
from local.log_files import last_lines


class CommandFailedError(LocalError):
    """A command of the set-up failed; the text quotes the end of its log."""


def run_logged(command: Sequence[str], log_path: Path, purpose: str, environment: dict[str, str] | None = None) -> None:
    """Run ``command`` with both its outputs in ``log_path``.

    Args:
        command: program and arguments.
        log_path: overwritten.
        purpose: what the command is for, as in "<purpose> failed".
        environment: the whole environment of the command; None for this process's.

    Raises:
        CommandFailedError: the exit code is not 0.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("wb") as log:
        completed = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment, check=False
        )
    if completed.returncode != 0:
        raise CommandFailedError(
            f"{purpose} failed: `{command[0]}` ended with exit code {completed.returncode}. Its last lines:\n"
            f"{last_lines(log_path)}\nThe whole output is in {log_path}. Running it again is safe."
        )
