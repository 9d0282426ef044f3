"""Progress on a stream: lasting lines everywhere, a moving line on a terminal, a rare heartbeat elsewhere."""

import shutil
import sys
import time
from typing import TextIO

HEARTBEAT_SECONDS = 15.0
_CLEAR_LINE = "\r\x1b[K"


class Progress:
    """Writes progress to ``stream`` (standard output unless told)."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._terminal = self._stream.isatty()
        self._last_sign_of_life = time.monotonic()

    def line(self, text: str) -> None:
        """Write a line that stays."""
        self._write((_CLEAR_LINE if self._terminal else "") + text + "\n")
        self._last_sign_of_life = time.monotonic()

    def moving(self, text: str) -> None:
        """Show ``text`` in place on a terminal; elsewhere write it when nothing was written for a while."""
        if self._terminal:
            self._write(_CLEAR_LINE + text[: shutil.get_terminal_size().columns - 1])
        elif time.monotonic() - self._last_sign_of_life > HEARTBEAT_SECONDS:
            self.line(text)

    def clear(self) -> None:
        """Remove the moving line."""
        if self._terminal:
            self._write(_CLEAR_LINE)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
