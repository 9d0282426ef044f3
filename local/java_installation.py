"""Installs a Java where that can be done without asking: as root on a system with apt-get."""

import os
import shutil
from pathlib import Path

from local.commands import CommandFailedError, run_logged
from local.java import Java, JavaNotFoundError, find_java
from local.paths import SETUP_LOGS

PACKAGES = ("openjdk-17-jre-headless", "openjdk-21-jre-headless")
"""In this order: 17 is the one that everything here was measured on."""


def find_or_install_java() -> Java:
    """Return a supported Java, installed first where there is none.

    Raises:
        JavaNotFoundError: there is none and it cannot be installed from here.
    """
    try:
        return find_java()
    except JavaNotFoundError as error:
        apt_get = shutil.which("apt-get")
        if apt_get is None or os.geteuid() != 0:
            raise
        install_first_packaged(apt_get, SETUP_LOGS / "java.log", error)
    return find_java()


def install_first_packaged(apt_get: str, log_path: Path, missing: JavaNotFoundError) -> None:
    """Install the first of ``PACKAGES`` that this system has.

    Raises:
        JavaNotFoundError: ``missing``, with a note on each package that could not be installed.
        CommandFailedError: the package lists could not be brought up to date.
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_logged([apt_get, "update"], log_path, "apt-get update", environment)
    for package in PACKAGES:
        command = [apt_get, "install", "-y", "--no-install-recommends", package]
        try:
            run_logged(command, log_path, f"installing {package}", environment)
        except CommandFailedError as error:
            missing.add_note(str(error))
        else:
            return
    raise missing
