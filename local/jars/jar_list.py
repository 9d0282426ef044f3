"""A committed list of jars: one line ``<SHA-256>  <organisation>:<module>:<revision>`` for each."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

HEADER = "# Written by `python -m local.jars --write-lists`. SHA-256 of the jar, then its Maven coordinates.\n"
SHA256_HEX_DIGITS = 64


class InvalidJarListError(LocalError):
    """A line of a jar list cannot be read."""


@dataclass(frozen=True, order=True)
class Jar:
    """One jar as it has to be."""

    organisation: str
    module: str
    revision: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Name of the file, as Maven names it."""
        return f"{self.module}-{self.revision}.jar"

    @property
    def coordinates(self) -> str:
        """Maven coordinates."""
        return f"{self.organisation}:{self.module}:{self.revision}"

    def is_in(self, directory: Path) -> bool:
        """Whether ``directory`` holds this very jar: complete and with the right content."""
        path = directory / self.file_name
        return path.is_file() and sha256_of(path) == self.sha256


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_list(path: Path) -> tuple[Jar, ...]:
    """Read a list.

    Raises:
        InvalidJarListError: naming file and line.
    """
    lines = enumerate(path.read_text(encoding="ascii").splitlines(), start=1)
    return tuple(_jar(path, number, line) for number, line in lines if line and not line.startswith("#"))


def write_list(path: Path, jars: Iterable[Jar]) -> None:
    """Write a list in the order of the coordinates."""
    lines = (f"{jar.sha256}  {jar.coordinates}\n" for jar in sorted(jars))
    path.write_text(HEADER + "".join(lines), encoding="ascii")


def _jar(path: Path, number: int, line: str) -> Jar:
    sha256, _, coordinates = line.partition("  ")
    parts = coordinates.split(":")
    if len(sha256) != SHA256_HEX_DIGITS or len(parts) != 3:
        raise InvalidJarListError(
            f"{path}, line {number}: expected `<SHA-256>  <organisation>:<module>:<revision>`, found `{line}`. "
            "Restore the file from version control or write it anew: python -m local.jars --write-lists"
        )
    organisation, module, revision = parts
    return Jar(organisation, module, revision, sha256)
