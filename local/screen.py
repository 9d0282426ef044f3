"""What stays on the screen while a stack runs: lines that scroll away above, and a block that is redrawn in place."""

import shutil
from collections.abc import Sequence
from typing import TextIO

from local.progress import Progress


class Screen(Progress):
    """``Progress`` with a block at the bottom. Away from a terminal there is no block, only lines."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._block: tuple[str, ...] = ()

    @property
    def has_block(self) -> bool:
        """Whether a block is shown at all."""
        return self._terminal

    def line(self, text: str) -> None:
        """Write a line that stays, above the block."""
        self._erase()
        super().line(text)
        self._draw()

    def moving(self, text: str) -> None:
        """See ``Progress``; the block makes room for it."""
        self._erase()
        self._block = ()
        super().moving(text)

    def show(self, block: Sequence[str]) -> None:
        """Draw a block in place of the one before; the same one stays as it is."""
        columns = shutil.get_terminal_size().columns - 1
        fitted = tuple(line[:columns] for line in block)
        if self._terminal and fitted != self._block:
            self._erase()
            self._block = fitted
            self._draw()

    def _erase(self) -> None:
        if self._block:
            self._write(f"\x1b[{len(self._block)}A\x1b[J")

    def _draw(self) -> None:
        self._write("".join(f"{line}\n" for line in self._block))
