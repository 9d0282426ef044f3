"""Brings a jar set into place: only what is missing or wrong, checked before it gets its name."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from local.commands import CommandFailedError
from local.errors import LocalError
from local.jars.ivy import Retrieval, retrieve
from local.jars.jar_list import Jar, sha256_of
from local.jars.jar_sets import JarSet
from local.java import Java
from local.paths import site_packages

MIRROR_VARIABLE = "MAVEN_MIRROR_URL"


class JarsUnavailableError(LocalError):
    """A jar could not be fetched, or what was fetched is not what the list names."""


def fetch(jar_set: JarSet, java: Java, pyspark_home: Path | None = None) -> str:
    """Fetch the faulty jars of a set and return what is there now, in words.

    Args:
        jar_set: what to complete.
        java: what to run Ivy with.
        pyspark_home: the installed package; None for the one in ``.venv``.

    Raises:
        JarsUnavailableError: naming the jars and what to do.
    """
    pyspark_home = pyspark_home or site_packages() / "pyspark"
    jar_set.directory.mkdir(parents=True, exist_ok=True)
    faulty = jar_set.faulty()
    # Beside its destination, so that a jar moves in at once: another clone may use the folder at this moment.
    with tempfile.TemporaryDirectory(prefix=f".{jar_set.name}-", dir=jar_set.directory.parent) as directory:
        _retrieve(jar_set.name, faulty, java, pyspark_home, Path(directory))
        _check(jar_set, faulty, Path(directory))
        for jar in faulty:
            (Path(directory) / jar.file_name).replace(jar_set.directory / jar.file_name)
    return f"{len(faulty)} of {len(jar_set.jars())} jars fetched into {_shown(jar_set.directory)}"


def _retrieve(name: str, faulty: Sequence[Jar], java: Java, pyspark_home: Path, directory: Path) -> None:
    wanted = [(jar.organisation, jar.module, jar.revision) for jar in faulty]
    pattern = f"{directory}/[artifact]-[revision].[ext]"
    try:
        mirror_url = os.environ.get(MIRROR_VARIABLE)
        retrieve(Retrieval(name, wanted, transitive=False), java, pyspark_home, pattern, mirror_url)
    except CommandFailedError as error:
        raise JarsUnavailableError(
            f"{error}\nBehind a proxy set JAVA_TOOL_OPTIONS (-Dhttps.proxyHost=... -Dhttps.proxyPort=...); "
            f"for a mirror of Maven Central set {MIRROR_VARIABLE}; for jars of another clone set JARS_DIR."
        ) from error


def _check(jar_set: JarSet, fetched: Sequence[Jar], directory: Path) -> None:
    wrong = [f"    {jar.coordinates}: {_difference(jar, directory)}" for jar in fetched if not jar.is_in(directory)]
    if wrong:
        raise JarsUnavailableError(
            f"The repository did not deliver what {_shown(jar_set.list_path)} names:\n" + "\n".join(wrong) + "\n"
            "Run it again; where it stays so, something between here and the repository changes the files."
        )


def _difference(jar: Jar, directory: Path) -> str:
    path = directory / jar.file_name
    return f"SHA-256 is {sha256_of(path)}, not {jar.sha256}" if path.is_file() else "is missing"


def _shown(path: Path) -> str:
    return os.path.relpath(path)
