"""Finds Prometheus; installs Debian's where that can be done without asking: as root on a system with apt-get."""

import os
import shutil
from pathlib import Path

from local.commands import run_logged
from local.paths import SETUP_LOGS

HOW_TO_INSTALL = "install it to see graphs: apt-get install prometheus (or a release from prometheus.io on the PATH)"
_SYSTEMD = Path("/run/systemd/system")


def find_prometheus() -> Path | None:
    """Return the program, or None where it is not installed."""
    found = shutil.which("prometheus")
    return None if found is None else Path(found)


def is_settled() -> bool:
    """Whether Prometheus is there, or cannot be installed from here: the platform runs without it."""
    return find_prometheus() is not None or _apt_get() is None


def install_prometheus() -> str:
    """Install Prometheus; return in a few words what is there now.

    Raises:
        CommandFailedError: the package could not be installed.
    """
    apt_get = _apt_get()
    if apt_get is None:
        return HOW_TO_INSTALL
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    log = SETUP_LOGS / "prometheus.log"
    run_logged([apt_get, "update"], log, "apt-get update", environment)
    install = [apt_get, "install", "-y", "--no-install-recommends", "prometheus"]
    run_logged(install, log, "installing prometheus", environment)
    if _SYSTEMD.is_dir():
        # The package starts a server of its own, on the port that the platform's needs.
        run_logged(["systemctl", "disable", "--now", "prometheus"], log, "stopping Debian's own prometheus")
    return f"installed as {find_prometheus()}"


def _apt_get() -> str | None:
    return shutil.which("apt-get") if os.geteuid() == 0 else None
