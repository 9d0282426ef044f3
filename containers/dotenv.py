"""The file .env: read as Compose and make read it, and added to without touching what is there."""

import os
from collections.abc import Mapping
from pathlib import Path

OWNER_ONLY = 0o600


def read(path: Path) -> dict[str, str]:
    """Return the variables of a file that have a value; of a file that does not exist, none.

    Raises:
        OSError: the file cannot be read.
    """
    if not path.exists():
        return {}
    pairs = (_pair(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: value for name, value in pairs if name and value}


def _pair(line: str) -> tuple[str, str]:
    if line.lstrip().startswith("#"):
        return "", ""
    name, _, value = line.partition("=")
    return name.strip().removeprefix("export ").strip(), _unquoted(value.strip())


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value


def add(path: Path, comment: str, variables: Mapping[str, str]) -> None:
    """Write variables at the end of a file, which then is its owner's alone to read. Without variables nothing is done.

    Raises:
        OSError: the file cannot be written.
    """
    if not variables:
        return
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    gap = "" if not text or text.endswith("\n") else "\n"
    lines = "".join(f"{name}={value}\n" for name, value in variables.items())
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        # Before the first secret is in it: the file may be older, and readable.
        path.chmod(OWNER_ONLY)
        file.write(f"{gap}# {comment}\n{lines}")
