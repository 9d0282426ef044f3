"""Where the local stack keeps what it installs."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
VENV = REPOSITORY / ".venv"
CACHE = REPOSITORY / ".cache"
SETUP_LOGS = CACHE / "logs"


def jars_dir() -> Path:
    """Return the folder of the jar sets: ``JARS_DIR`` where set (several clones may share it), else ``.cache/jars``."""
    return Path(os.environ.get("JARS_DIR") or CACHE / "jars").absolute()


def site_packages(venv: Path = VENV) -> Path:
    """Return the folder in which ``venv`` keeps its packages, whichever Python it was made with.

    Raises:
        FileNotFoundError: ``venv`` is not a virtual environment.
    """
    found = sorted((venv / "lib").glob("python3.*/site-packages"))
    if not found:
        raise FileNotFoundError(f"{venv} is not a virtual environment: run `make setup`")
    return found[-1]
