"""Finds a Java that the broker and Spark can run on."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

SUPPORTED_MAJORS = (21, 17)
"""Newest first. Kafka 4 needs 17; Spark 4.0 fails on 25."""

INSTALLED_JAVAS = ("/usr/lib/jvm/*/bin/java", "/Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java")
PROBE_TIMEOUT_SECONDS = 20

HOW_TO_INSTALL = """Install one of them and run the command again:
    Debian, Ubuntu:  sudo apt-get install openjdk-17-jre-headless   (openjdk-21-jre-headless where 17 is not packaged)
    Fedora:          sudo dnf install java-21-openjdk-headless
    macOS:           brew install --cask temurin@21
or set JAVA_HOME to one that is installed elsewhere."""


class JavaNotFoundError(LocalError):
    """No supported Java is installed."""


@dataclass(frozen=True)
class Java:
    """One Java installation: ``home`` is what belongs into JAVA_HOME."""

    executable: Path
    home: Path
    major: int


def find_java(environment: Mapping[str, str] | None = None, installed: Sequence[str] = INSTALLED_JAVAS) -> Java:
    """Return the Java of JAVA_HOME where it is supported, else the newest supported one.

    Args:
        environment: where JAVA_HOME and PATH are read; None for this process's.
        installed: absolute glob patterns of further executables.

    Raises:
        JavaNotFoundError: saying what was found and how to install a supported one.
    """
    environment = os.environ if environment is None else environment
    home = environment.get("JAVA_HOME")
    preferred = [java for java in [probe(Path(home, "bin", "java"))] if java] if home else []
    if preferred and preferred[0].major in SUPPORTED_MAJORS:
        return preferred[0]
    others = [java for java in map(probe, _candidates(environment, installed)) if java]
    supported = [java for java in others if java.major in SUPPORTED_MAJORS]
    if not supported:
        raise JavaNotFoundError(_nothing_supported([*preferred, *others]))
    return max(supported, key=lambda java: java.major)


def probe(executable: Path) -> Java | None:
    """Ask an executable for its version; None where it is missing or is not a Java."""
    try:
        answer = subprocess.run(
            [executable, "-XshowSettings:properties", "-version"],
            capture_output=True, text=True, errors="replace", timeout=PROBE_TIMEOUT_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(answer.stderr, executable)


def parse_version(text: str, executable: Path) -> Java | None:
    """Read the output of ``java -XshowSettings:properties -version``; None where it is something else."""
    version = re.search(r'version "(?:1\.)?(\d+)', text)
    home = re.search(r"^\s*java\.home = (.+)$", text, re.MULTILINE)
    if not version:
        return None
    return Java(executable, Path(home[1]) if home else executable.resolve().parent.parent, int(version[1]))


def _candidates(environment: Mapping[str, str], installed: Sequence[str]) -> Iterator[Path]:
    on_path = shutil.which("java", path=environment.get("PATH", os.defpath))
    paths = [Path(on_path)] if on_path else []
    for pattern in installed:
        paths += sorted(Path("/").glob(pattern.lstrip("/")))
    yield from {path.resolve(): path for path in reversed(paths)}.values()


def _nothing_supported(found: Sequence[Java]) -> str:
    seen = ", ".join(f"{java.major} ({java.executable})" for java in found) or "none"
    wanted = " or ".join(str(major) for major in sorted(SUPPORTED_MAJORS))
    return f"Java {wanted} is needed. Found in JAVA_HOME, PATH and the usual folders: {seen}.\n{HOW_TO_INSTALL}"
