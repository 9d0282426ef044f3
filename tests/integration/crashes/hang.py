"""Stops a program at a named place for good, once, so that a test can kill it exactly there."""

import threading
from pathlib import Path


class Hang:
    """Hangs whoever calls it, the first time and at or after the given occasion; ``reached`` then exists."""

    def __init__(self, reached: Path, occasion: int) -> None:
        self._reached = reached
        self._left = occasion

    def __call__(self) -> None:
        """Pass, or write ``reached`` and never return."""
        self._left -= 1
        if self._left > 0 or self._reached.exists():
            return
        self._reached.touch()
        threading.Event().wait()
