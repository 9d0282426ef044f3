"""The virtual environment ``.venv``: made and filled with exactly the pinned packages."""

import hashlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from local.commands import run_logged
from local.errors import LocalError
from local.paths import REPOSITORY, SETUP_LOGS, VENV

REQUIREMENTS = (REPOSITORY / "requirements.txt", REPOSITORY / "requirements-dev.txt")
STAMP = VENV / "installed-requirements.sha256"


class VenvModuleMissingError(LocalError):
    """The running Python cannot make virtual environments."""


def is_installed() -> bool:
    """Whether the packages of the requirement files, as they are now, were installed completely."""
    if not STAMP.exists() or not _python().exists():
        return False
    return STAMP.read_text(encoding="ascii") == _fingerprint()


def install_packages() -> str:
    """Create the environment where needed and install the pinned packages; return with what.

    Raises:
        LocalError: the environment or the packages could not be installed.
    """
    STAMP.unlink(missing_ok=True)
    uv = shutil.which("uv")
    if uv:
        _install_with_uv(uv)
    else:
        _install_with_pip()
    write_stamp()
    return f"in {VENV.name}, with {'uv' if uv else 'pip'}"


def write_stamp() -> None:
    """Record that the packages of the requirement files, as they are now, are installed."""
    STAMP.write_text(_fingerprint(), encoding="ascii")


def _python() -> Path:
    return VENV / "bin" / "python"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in REQUIREMENTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _install_with_uv(uv: str) -> None:
    log_path = SETUP_LOGS / "packages.log"
    # uv obeys these before its arguments: an environment that happens to be active would be filled instead.
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "CONDA_PREFIX"}}
    create = [uv, "venv", "--allow-existing", "--python", sys.executable, str(VENV)]
    run_logged(create, log_path, "making the virtual environment", environment)
    install = [uv, "pip", "sync", "--python", str(_python()), "--require-hashes", str(REQUIREMENTS[-1])]
    run_logged(install, log_path, "installing the Python packages", environment)


def _install_with_pip() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise VenvModuleMissingError(
            f"{sys.executable} cannot make virtual environments: its module ensurepip is missing.\n"
            "Debian, Ubuntu: sudo apt-get install python3-venv. Or install uv. Then run the command again."
        )
    log_path = SETUP_LOGS / "packages.log"
    run_logged([sys.executable, "-m", "venv", str(VENV)], log_path, "making the virtual environment")
    pip = [str(_python()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    install = [*pip, "--require-hashes", "--requirement", str(REQUIREMENTS[-1])]
    run_logged(install, log_path, "installing the Python packages")
