"""What the jobs found last, in memory: for ``/metrics`` and for the health report."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from exporters.store.database import IN_MEMORY
from exporters.store.findings import Check
from exporters.store.health_reports import Verdict


@dataclass(frozen=True, slots=True)
class Storage:
    """The database's disk: its free share, and the size of the file with its log, None for one in memory."""

    free_ratio: float
    free_bytes: int
    database_bytes: int | None

    @classmethod
    def of(cls, path: Path) -> Self:
        """Measure.

        Raises:
            OSError: the folder or the file cannot be looked at.
        """
        if path == IN_MEMORY:
            disk, size = shutil.disk_usage(Path()), None
        else:
            log = path.with_name(f"{path.name}.wal")
            disk, size = shutil.disk_usage(path.parent), path.stat().st_size + _size_if_there(log)
        return cls(disk.free / disk.total, disk.free, size)


def _size_if_there(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@dataclass
class MaintenanceState:
    """Written by the thread of the jobs, read by any; each attribute is replaced as a whole. None is not known yet."""

    report: Sequence[Verdict] | None = None
    findings: Mapping[Check, int] | None = None
    storage: Storage | None = None
