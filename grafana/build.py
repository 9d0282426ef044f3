"""``python -m grafana.build``: write the dashboards as the JSON that Grafana is provisioned with."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from grafana.dashboards_source.incidents import incidents
from grafana.dashboards_source.layers import AnnotationSource
from grafana.dashboards_source.overview import overview
from grafana.dashboards_source.pipeline import pipeline
from grafana.dashboards_source.runbooks import runbooks
from grafana.dashboards_source.service import service
from grafana.schema.dashboards import Dashboard

FOLDER = Path(__file__).resolve().parent / "dashboards"


def dashboards(source: AnnotationSource = AnnotationSource.INFINITY) -> tuple[Dashboard, ...]:
    """Return the dashboards, in the order of their links.

    Args:
        source: who answers for annotations of incidents and faults.
    """
    return overview(source), service(source), incidents(), pipeline()


def write(folder: Path, built: Sequence[Dashboard]) -> None:
    """Write a file per dashboard, named by its uid.

    Raises:
        OSError: the folder cannot be made or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for dashboard in built:
        (folder / f"{dashboard.uid}.json").write_text(dashboard.text(), encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments ask; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m grafana.build", description="Write the dashboards as JSON.")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder to write to")
    parser.add_argument(
        "--annotations",
        type=AnnotationSource,
        choices=tuple(AnnotationSource),
        default=AnnotationSource.INFINITY,
        help="who answers for annotations; prometheus needs no plugin (default: %(default)s)",
    )
    asked = parser.parse_args(arguments)
    try:
        built = (*dashboards(asked.annotations), *runbooks())
        write(asked.output, built)
    except OSError as error:
        sys.stderr.write(f"The dashboards cannot be made: {error}\n")
        return 1
    sys.stdout.write(f"{len(built)} dashboards are in {asked.output}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
