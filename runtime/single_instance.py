"""One process per state folder: an advisory lock that the kernel gives back when the process ends."""

import fcntl
import os
from pathlib import Path


class AlreadyRunningError(RuntimeError):
    """Another process has the folder; the message says what to do."""


def claim(state_dir: Path, service: str) -> int:
    """Lock a state folder, which is made when missing, until the process ends; return the lock's descriptor.

    Raises:
        AlreadyRunningError: another process of the service has it.
        OSError: the folder cannot be made or written.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state_dir / f"{service}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise AlreadyRunningError(
            f"another {service} uses {state_dir.absolute()}; stop it first, or give this one a folder of its own"
        ) from error
    return descriptor
