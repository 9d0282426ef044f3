"""What a maintenance job is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


class JobStoppedError(RuntimeError):
    """The process ends; the job stopped between two units of its work and will be run again after the next start."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a run is given. ``started_at`` is the moment that everything it writes is dated with."""

    started_at: datetime
    stop: threading.Event

    def pause(self, seconds: float = 0.0) -> None:
        """Let others work between two units of work.

        Raises:
            JobStoppedError: the process ends.
        """
        if self.stop.wait(seconds):
            raise JobStoppedError


@dataclass(frozen=True, slots=True)
class Job:
    """A named piece of work. ``run`` returns one line about what it did; whatever it raises is recorded as its failure.

    It calls ``JobContext.pause`` at least once a second, so that the process can end.
    """

    name: str
    interval: timedelta
    run: Callable[[JobContext], str]
