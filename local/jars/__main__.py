"""``python -m local.jars``: fetch what is missing, or with ``--write-lists`` write the lists anew."""

import argparse
import sys

from local.errors import LocalError
from local.jars import BROKER, CONNECTOR, fetch
from local.jars.resolution import write_lists
from local.java import Java, find_java
from local.paths import site_packages


def main() -> int:
    """Do what the arguments ask; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.jars", description=__doc__)
    parser.add_argument("--write-lists", action="store_true", help="resolve both sets and write their lists (a minute)")
    arguments = parser.parse_args()
    try:
        (_write_lists if arguments.write_lists else _fetch)(find_java())
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _write_lists(java: Java) -> None:
    sys.stdout.write("Resolving both sets: about a minute ...\n")
    for jar_set, count in write_lists(java, site_packages() / "pyspark").items():
        sys.stdout.write(f"{jar_set.list_path}: {count} jars\n")


def _fetch(java: Java) -> None:
    for jar_set in (BROKER, CONNECTOR):
        outcome = fetch(jar_set, java) if jar_set.faulty() else "every jar is in place"
        sys.stdout.write(f"{jar_set.name}: {outcome}\n")


if __name__ == "__main__":
    sys.exit(main())
