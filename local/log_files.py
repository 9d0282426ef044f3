"""Log files of child processes: opened for appending, kept to a bounded size, quoted in errors."""

from pathlib import Path
from typing import BinaryIO

MAX_LOG_BYTES = 16 * 1024 * 1024
"""A log longer than this is set aside as ``<name>.1`` when its process starts again."""


def open_log(path: Path) -> BinaryIO:
    """Open ``path`` for appending, creating its folder; a long log is set aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def last_lines(path: Path, count: int = 12, window_bytes: int = 16 * 1024) -> str:
    """Return the last ``count`` lines of a log, indented; at most ``window_bytes`` are read."""
    if not path.exists():
        return "    (no log)"
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - window_bytes))
        lines = log.read().decode("utf-8", errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (the log is empty)"
