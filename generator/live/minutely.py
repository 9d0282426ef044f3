"""Saying something that goes on at most once a minute."""

import time
from collections.abc import Callable

_SECONDS = 60.0


class Minutely:
    """Says whether a minute has passed since it last said so."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said_at: float | None = None

    def due(self) -> bool:
        """Whether it is time again; the first time it always is."""
        now = self._clock()
        if self._said_at is not None and now - self._said_at < _SECONDS:
            return False
        self._said_at = now
        return True
