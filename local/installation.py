"""The set-up as a whole: what has to be in place, in which order, and its report."""

import sys
import time

from local import virtual_environment
from local.errors import LocalError
from local.jars import BROKER, CONNECTOR, ConnectorMismatchError, check_connector, fetch
from local.java import JavaNotFoundError, find_java
from local.java_installation import find_or_install_java
from local.paths import SETUP_LOGS, site_packages
from local.progress import Progress
from local.prometheus_installation import install_prometheus, is_settled
from local.steps import Step, run_steps


def install_and_report() -> int:
    """Set everything up, saying so on standard output; the result is the exit code."""
    progress = Progress()
    try:
        install(progress)
    except LocalError as error:
        progress.clear()
        sys.stderr.write("\n".join([f"\n{error}", *getattr(error, "__notes__", [])]) + "\n")
        return 1
    except KeyboardInterrupt:
        progress.clear()
        sys.stderr.write("\nStopped. Running it again goes on from here.\n")
        return 130
    return 0


def install(progress: Progress) -> None:
    """Bring every part into place that is not.

    Raises:
        LocalError: a part cannot be had; the text says what to do.
    """
    started = time.monotonic()
    missing_before = False
    for stage in _stages():
        missing = [step for step in stage if not step.in_place()]
        if missing and not missing_before:
            progress.line(f"Set-up: a first one takes a minute or two; logs are in {SETUP_LOGS}")
        missing_before = missing_before or bool(missing)
        run_steps(missing, progress)
    outcome = "done" if missing_before else "everything is in place"
    progress.line(f"Set-up: {outcome} ({time.monotonic() - started:.1f} s)")


def _stages() -> list[list[Step]]:
    # The jars need both of the first stage: Java runs Ivy, and Ivy comes with the package pyspark.
    return [
        [
            Step("Python packages", virtual_environment.is_installed, virtual_environment.install_packages),
            Step("Java", _has_java, _install_java),
        ],
        [
            Step("Kafka broker", lambda: not BROKER.faulty(), lambda: fetch(BROKER, find_java())),
            Step("Spark connector", _has_connector, _fetch_connector),
            # Beside Java it would compete for apt's lock.
            Step("Prometheus", is_settled, install_prometheus),
        ],
    ]


def _has_java() -> bool:
    try:
        find_java()
    except JavaNotFoundError:
        return False
    return True


def _install_java() -> str:
    java = find_or_install_java()
    return f"Java {java.major} in {java.home}"


def _has_connector() -> bool:
    if CONNECTOR.faulty():
        return False
    try:
        check_connector(site_packages() / "pyspark")
    except ConnectorMismatchError:
        return False
    return True


def _fetch_connector() -> str:
    check_connector(site_packages() / "pyspark")
    return fetch(CONNECTOR, find_java())
