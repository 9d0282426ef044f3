"""One driver and one JVM per checkpoint: the JVM of a predecessor is gone before a successor starts.

Two advisory locks lie in the driver's folder. The driver's own tells whether another driver lives. The JVM's is
inherited by the JVM, so the kernel keeps it exactly as long as that process exists, even when its driver was killed.
"""

import fcntl
import logging
import os
import signal
import time
from pathlib import Path

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.05


class CheckpointInUseError(RuntimeError):
    """Another driver, or a JVM that cannot be ended, uses the checkpoint."""


class DriverLock:
    """Exclusive use of a checkpoint folder on this machine until the process ends or ``release`` is called."""

    def __init__(self, checkpoint_dir: Path) -> None:
        checkpoint_dir.mkdir(parents=True, exist_ok=True)
        self._driver_fd = _opened(checkpoint_dir / "driver.lock")
        self.jvm_fd = _opened(checkpoint_dir / "jvm.lock")

    def acquire(self, deadline_seconds: float) -> None:
        """Take both locks; end a JVM that outlived its driver.

        Raises:
            CheckpointInUseError: another driver lives, or the JVM is still there after the deadline.
        """
        if not _locked(self._driver_fd):
            raise CheckpointInUseError("another streaming process uses this CHECKPOINT_DIR; stop it first")
        if not _locked(self.jvm_fd):
            self._end_orphan(deadline_seconds)
        os.ftruncate(self.jvm_fd, 0)

    def record_jvm(self, process_group: int) -> None:
        """Note the JVM's process group for a successor."""
        os.pwrite(self.jvm_fd, str(process_group).encode(), 0)

    def release(self) -> None:
        """Give both locks back; the JVM's stays locked while the JVM lives."""
        os.close(self._driver_fd)
        os.close(self.jvm_fd)

    def _end_orphan(self, deadline_seconds: float) -> None:
        group = os.pread(self.jvm_fd, 32, 0).decode()
        logger.warning("ending the JVM of a driver that died", extra={"process_group": group})
        deadline = time.monotonic() + deadline_seconds
        while not _locked(self.jvm_fd):
            if group:
                _kill_group(int(group))
            if time.monotonic() > deadline:
                raise CheckpointInUseError(f"process group {group} still uses this CHECKPOINT_DIR; end it by hand")
            time.sleep(_POLL_SECONDS)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _kill_group(process_group: int) -> None:
    try:
        os.killpg(process_group, signal.SIGKILL)
    except ProcessLookupError:
        logger.debug("the process group is gone already", extra={"process_group": process_group})
