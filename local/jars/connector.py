"""The Spark connector's version: always that of the installed pyspark."""

import re
from pathlib import Path

from local.errors import LocalError
from local.jars.jar_sets import CONNECTOR

CONNECTOR_ORGANISATION = "org.apache.spark"
CONNECTOR_MODULE = "spark-sql-kafka-0-10_2.13"


class ConnectorMismatchError(LocalError):
    """The connector's list was written for another pyspark than the installed one."""


def pyspark_version(pyspark_home: Path) -> str:
    """Return the version of an installed pyspark.

    Raises:
        ConnectorMismatchError: the package names none.
    """
    source = pyspark_home / "version.py"
    found = re.search(r"__version__[^=]*=\s*['\"]([^'\"]+)", source.read_text(encoding="utf-8"))
    if not found:
        raise ConnectorMismatchError(f"{source} names no version: run `make clean setup`")
    return found[1]


def listed_version() -> str:
    """Return the connector's version in the committed list ('' where the list lacks it)."""
    return next((jar.revision for jar in CONNECTOR.jars() if jar.module == CONNECTOR_MODULE), "")


def check_connector(pyspark_home: Path) -> None:
    """Compare the list with the installed pyspark.

    Raises:
        ConnectorMismatchError: saying how to write the list anew.
    """
    installed, listed = pyspark_version(pyspark_home), listed_version()
    if installed != listed:
        raise ConnectorMismatchError(
            f"pyspark {installed} is installed, but {CONNECTOR.list_path} has the connector of "
            f"{listed or 'no release'}. Write the list anew and commit it: .venv/bin/python -m local.jars --write-lists"
        )
