"""Progress of a replay: one moving line on a terminal, a plain line every few seconds elsewhere."""

import time
from collections.abc import Callable
from typing import TextIO

TERMINAL_SECONDS = 0.2
PLAIN_SECONDS = 5.0


class Progress:
    """Writes how many messages were sent and how many a second, measured since the line before."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._moving = stream.isatty()
        self._interval = TERMINAL_SECONDS if self._moving else PLAIN_SECONDS
        self._written_at = clock()
        self._written_messages = 0

    def report(self, messages: int) -> None:
        """Take note of the number of messages sent so far, and write it when a line is due."""
        elapsed = self._clock() - self._written_at
        if elapsed >= self._interval:
            self._write(messages, (messages - self._written_messages) / elapsed)
            self._written_at += elapsed
            self._written_messages = messages

    def close(self) -> None:
        """End the moving line."""
        if self._moving:
            self._stream.write("\n")

    def _write(self, messages: int, rate: float) -> None:
        line = f"{messages:>12,} messages sent, {rate:>9,.0f}/s"
        self._stream.write(f"\r{line}" if self._moving else f"{line}\n")
        self._stream.flush()
