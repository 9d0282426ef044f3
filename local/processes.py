"""A supervisor for the processes of a local stack: started, watched, restarted and stopped together."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from local.backoff import Backoff
from local.interruption import interrupts_deferred
from local.progress import Progress
from local.service import RunningService, Service, ServiceError

__all__ = ["Service", "ServiceError", "Supervisor"]

POLL_SECONDS = 0.1


class Supervisor:
    """Runs services; as a context manager it leaves none behind, whatever happens inside.

    ``local.interruption.sigterm_interrupts`` around it makes SIGTERM do what Ctrl-C does.
    """

    def __init__(self, progress: Progress | None = None, backoff: Backoff | None = None) -> None:
        self._progress = progress or Progress()
        self._backoff = backoff or Backoff()
        self._waves: list[list[RunningService]] = []

    def __enter__(self) -> Self:
        """Return the supervisor."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every service."""
        self.stop()

    def start(self, *services: Service, deadline_seconds: float) -> None:
        """Start services side by side and wait until all are ready; call again for those that need these.

        Raises:
            ServiceError: one cannot be started, ended, or is not ready after ``deadline_seconds``. All services, also
                those of earlier calls, are stopped then.
        """
        try:
            self._waves.append([])
            for service in services:
                self._launch(service)
            self._wait_until_ready(self._waves[-1], deadline_seconds)
        except BaseException:
            self.stop()
            raise

    def raise_if_dead(self) -> None:
        """Raise for the first service that ended by itself: for runs in which every one has to hold out.

        Raises:
            ServiceError: with its exit code and the end of its log.
        """
        for running in self._running:
            if running.exit_code() is not None:
                raise running.death()

    def restart_dead(self) -> None:
        """Report services that ended and start each again after its backoff: for stacks that go on; call it often."""
        for running in self._running:
            if running.awaits_restart():
                if running.restart_if_due():
                    self._progress.line(f"  {running.name}: started again")
            elif running.exit_code() is not None:
                death = running.death()
                delay_seconds = running.schedule_restart(self._backoff)
                self._progress.line(f"{death}\n  {running.name}: starting it again in {delay_seconds:g} s")

    def supervise(self, until: Callable[[], bool]) -> None:
        """Keep every service running until ``until`` is true or KeyboardInterrupt arrives."""
        while not until():
            self.restart_dead()
            time.sleep(POLL_SECONDS)

    def exit_code(self, name: str) -> int | None:
        """Return how the service of that name ended, or None while it runs.

        Raises:
            KeyError: no service of that name was started.
        """
        return {running.name: running for running in self._running}[name].exit_code()

    def stop(self) -> None:
        """Stop all services, those started together side by side and the last ones first; each has its time limit."""
        with interrupts_deferred():
            while self._waves:
                self._stop_together(self._waves[-1])
                self._waves.pop()
            self._progress.clear()

    @property
    def _running(self) -> list[RunningService]:
        return [running for wave in self._waves for running in wave]

    def _stop_together(self, wave: Sequence[RunningService]) -> None:
        asked = time.monotonic()
        for running in wave:
            running.ask_to_stop()
        for running in wave:
            self._progress.moving(f"  {running.name}: stopping ...")
            running.end(asked + running.service.stop_timeout_seconds - time.monotonic())

    def _launch(self, service: Service) -> None:
        with interrupts_deferred():
            self._waves[-1].append(RunningService(service))

    def _wait_until_ready(self, started: Sequence[RunningService], deadline_seconds: float) -> None:
        began = time.monotonic()
        waiting = self._not_ready(started)
        while waiting:
            self.raise_if_dead()
            elapsed_seconds = time.monotonic() - began
            if elapsed_seconds > deadline_seconds:
                raise waiting[0].lateness(deadline_seconds)
            names = ", ".join(running.name for running in waiting)
            self._progress.moving(f"  {names}: starting, {elapsed_seconds:.0f} s ...")
            time.sleep(POLL_SECONDS)
            waiting = self._not_ready(waiting)

    def _not_ready(self, candidates: Sequence[RunningService]) -> list[RunningService]:
        waiting = []
        for running in candidates:
            if running.service.ready():
                self._progress.line(f"  {running.name:<15} {running.age_seconds():6.1f} s  ready")
            else:
                waiting.append(running)
        return waiting
