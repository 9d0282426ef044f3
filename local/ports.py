"""Ports of the loopback interface: whether one is free, who has it, and free ones for an isolated stack."""

import errno
import os
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path

from local.errors import LocalError

LOOPBACK = "127.0.0.1"
ISOLATED_PORTS = range(20000, 29000)
"""Below the range from which systems take the ports of outgoing connections: nothing slips in before the service."""

_LISTENING = "0A"


class PortTakenError(LocalError):
    """A port that a service has to listen on is in use."""


def check_free(ports: Iterable[tuple[str, int]]) -> None:
    """Make sure that every port can be bound.

    Args:
        ports: what each is for and its number.

    Raises:
        PortTakenError: naming each taken port, its purpose and, where it can be known, the process that has it.
    """
    taken = [f"port {port} ({purpose}) is in use by {holder(port)}" for purpose, port in ports if not is_free(port)]
    if taken:
        raise PortTakenError(f"{'; '.join(taken)}. Stop that process or choose another port.")


def is_free(port: int) -> bool:
    """Whether a service could listen on ``port`` of the loopback interface now."""
    with socket.socket() as candidate:
        # As servers do: a connection that has just closed does not count as use.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def free_ports(count: int) -> list[int]:
    """Return ``count`` different free ports for an isolated stack."""
    found: list[int] = []
    for port in secrets.SystemRandom().sample(ISOLATED_PORTS, len(ISOLATED_PORTS)):
        if len(found) == count:
            break
        if is_free(port):
            found.append(port)
    return found


def holder(port: int) -> str:
    """Return who listens on ``port``, as far as this user may know."""
    pid = _pid_from_proc(port) if Path("/proc/net/tcp").exists() else _pid_from_lsof(port)
    if pid is None:
        return "another process (not visible to this user)"
    command = subprocess.run(["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return f"process {pid}: {command.stdout.strip()[:120]}".rstrip(": ")


def _pid_from_proc(port: int) -> int | None:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        rows = [line.split() for line in Path(table).read_text(encoding="ascii").splitlines()[1:]]
        inodes |= {f"socket:[{row[9]}]" for row in rows if row[3] == _LISTENING and _local_port(row) == port}
    return next((pid for pid in _process_ids() if inodes & _open_files(pid)), None) if inodes else None


def _local_port(row: list[str]) -> int:
    return int(row[1].rpartition(":")[2], 16)


def _process_ids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _open_files(pid: int) -> set[str]:
    try:
        return {_target(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return set()


def _target(entry: Path) -> str:
    try:
        return os.readlink(entry)  # noqa: PTH115 - a socket is no path
    except OSError:
        return ""


def _pid_from_lsof(port: int) -> int | None:
    lsof = shutil.which("lsof")
    if lsof is None:
        return None
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fp"]
    found = re.search(r"^p(\d+)", subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    return int(found[1]) if found else None
