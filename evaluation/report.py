"""The report: tables as Markdown and pictures as SVG, in one folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from detector.rules import Rule
from detector.settings import DetectorSettings
from evaluation.alarms import Label, Span
from evaluation.comparison import Scored
from evaluation.recorded import Recording
from evaluation.tables import by_type_table, comparison_table
from evaluation.views import View, most_alarming, picture, points

REPORT = "report.md"
PICTURED_SERVICES = 3
_PICTURED_SECONDS = 3 * 3600.0


class Report:
    """Collects sections, says each as it comes, and writes all of them at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.sections: list[str] = []

    def add(self, title: str, *texts: str) -> str:
        """Add a section and return it."""
        section = "\n\n".join([f"## {title}", *texts])
        self.sections.append(section)
        return section

    def add_pictures(self, names: Iterable[str]) -> None:
        """Show pictures below the newest section."""
        self.sections[-1] += "\n\n" + "\n\n".join(f"![{name}]({name})" for name in names)

    def write_picture(self, name: str, svg: str) -> None:
        """Write a picture into the folder.

        Raises:
            OSError: it cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_text(svg, encoding="utf-8")

    def write(self) -> Path:
        """Write the report and return where it is.

        Raises:
            OSError: it cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / REPORT
        path.write_text("\n\n".join(["# Evaluation of the detector", *self.sections]) + "\n", encoding="utf-8")
        return path


def recorded_section(report: Report, title: str, results: Sequence[Scored]) -> str:
    """Add the tables of a recording."""
    missed = [fault.label for fault in results[0].figures.faults if fault.seconds is None]
    text = ", ".join(f"{label.service} ({label.kind})" for label in missed) or "none"
    return report.add(
        title, comparison_table(results), "Found by type of fault:", by_type_table(results), f"Missed: {text}."
    )


def recorded_pictures(
    report: Report, prefix: str, recording: Recording, labels: Sequence[Label], results: Sequence[Scored]
) -> None:
    """Draw the services that alarm most, over the first scored hours.

    Raises:
        OSError: a picture cannot be written.
    """
    if recording.stretch != 1.0:
        return
    own = results[0]
    span = Span(recording.span.start_seconds, recording.span.start_seconds + _PICTURED_SECONDS)
    names = []
    for rule in (Rule.LATENCY_SLA, Rule.ERROR_RATE, Rule.TRAFFIC_DROP):
        services = most_alarming(own.anomalies, rule, PICTURED_SERVICES if rule is Rule.LATENCY_SLA else 1)
        seen = points(recording.batches(), DetectorSettings(), services, rule)
        for service in services:
            name = f"{prefix}-{rule.value}-{service.strip('_')}.svg"
            report.write_picture(name, picture(View(service, rule, span), seen[service], labels, own.alarms).svg())
            names.append(name)
    report.add_pictures(names)
