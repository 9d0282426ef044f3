"""How much memory a process and everything it started take."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROCESSES = Path("/proc")


def resident_bytes(root_pid: int | None = None) -> int | None:
    """Return the resident memory of a process (this one unless given) with all its descendants, in bytes.

    Pages that several of them share are counted for each. None where the system does not tell (no /proc).
    """
    if not _PROCESSES.is_dir():
        return None
    parents = dict(_parents())
    page_bytes = os.sysconf("SC_PAGE_SIZE")
    root = os.getpid() if root_pid is None else root_pid
    return sum(_pages(pid) * page_bytes for pid in parents if _descends(pid, root, parents))


def _parents() -> Iterator[tuple[int, int]]:
    for folder in _PROCESSES.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(folder.name), int(fields[1])


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid in parents and pid != root:
        pid = parents[pid]
    return pid == root


def _pages(pid: int) -> int:
    try:
        return int((_PROCESSES / str(pid) / "statm").read_text().split()[1])
    except OSError:
        return 0
