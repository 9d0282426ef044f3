"""One supervised process: what to run, and how it fares."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.backoff import Backoff
from local.errors import LocalError
from local.interruption import interrupts_deferred
from local.log_files import last_lines
from local.process_group import ProcessGroup, describe_exit


class ServiceError(LocalError):
    """A service could not be started, was not ready in time, or ended by itself; ``service`` is its name."""

    def __init__(self, service: str, message: str) -> None:
        super().__init__(message)
        self.service = service


@dataclass(frozen=True)
class Service:
    """One process to run.

    Args:
        name: as it appears in messages.
        command: program and arguments.
        env: variables on top of this process's environment.
        log_path: both its outputs are appended here.
        ready: whether it does its work by now; asked every 0.1 s, must answer quickly and never raise.
        stop_timeout_seconds: from SIGTERM until it is ended by force.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log_path: Path
    ready: Callable[[], bool]
    stop_timeout_seconds: float = 10.0


class RunningService:
    """A service that was started, and maybe ended and waits to be started again.

    Raises:
        ServiceError: it cannot be started at all.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._failures = 0
        self._restart_at: float | None = None
        self._launch()

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    def age_seconds(self) -> float:
        """Return how long ago it was started last."""
        return time.monotonic() - self._started

    def exit_code(self) -> int | None:
        """Return how it ended (negative: a signal), or None while it runs."""
        return self._group.exit_code()

    def awaits_restart(self) -> bool:
        """Whether it ended and a restart is scheduled."""
        return self._restart_at is not None

    def schedule_restart(self, backoff: Backoff) -> float:
        """End what is left of it and schedule its restart; return the wait in seconds."""
        self._group.kill()
        self._failures = 1 if self.age_seconds() > backoff.forgiven_after_seconds else self._failures + 1
        delay_seconds = backoff.delay_seconds(self._failures)
        self._restart_at = time.monotonic() + delay_seconds
        return delay_seconds

    def restart_if_due(self) -> bool:
        """Start it again when its time has come; return whether that happened."""
        if self._restart_at is None or time.monotonic() < self._restart_at:
            return False
        with interrupts_deferred():
            self._launch()
        self._restart_at = None
        return True

    def ask_to_stop(self) -> None:
        """Send SIGTERM, once."""
        self._group.terminate()

    def end(self, within_seconds: float) -> None:
        """Wait for it to end, then end by force what is left of it and of everything that it started."""
        self._group.wait(max(0.0, within_seconds))
        self._group.kill()

    def death(self) -> ServiceError:
        """Return the error that describes how it ended."""
        return self._error(describe_exit(self.exit_code() or 0))

    def lateness(self, deadline_seconds: float) -> ServiceError:
        """Return the error that says that it was not ready in time."""
        return self._error(f"was not ready after {deadline_seconds:g} s")

    def _launch(self) -> None:
        try:
            self._group = ProcessGroup.start(self.service.command, self.service.log_path, self.service.env)
        except OSError as error:
            raise ServiceError(self.name, f"{self.name} cannot be started: {error}") from error
        self._started = time.monotonic()

    def _error(self, what: str) -> ServiceError:
        log_path = self.service.log_path
        return ServiceError(self.name, f"{self.name} {what}. The end of its log, {log_path}:\n{last_lines(log_path)}")
