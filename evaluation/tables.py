"""Scores as tables of text: aligned columns that read well in a terminal and in Markdown."""

from collections.abc import Iterable, Sequence

from evaluation.comparison import Scored
from evaluation.fault_scoring import FaultFigures
from evaluation.scoring import Figures

_NOTHING = "–"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with columns of equal width.

    >>> print(table(("a", "b"), [("1", "22")]))
    | a | b  |
    |---|----|
    | 1 | 22 |
    """
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])


def comparison_table(results: Iterable[Scored]) -> str:
    """Return every figure of the scoring for each detector."""
    header = (
        "", "recall", "false/h", "F1", "healthy", "between", "starts/fault", "alarms/fault", "chance recall",
        "detect p50", "detect p95",
    )  # fmt: skip
    return table(header, [(each.name, *_figures(each.figures)) for each in results])


def _figures(figures: Figures) -> tuple[str, ...]:
    return (
        f"{figures.found}/{len(figures.faults)}",
        _number(figures.false_alarms_per_hour),
        _number(figures.f1),
        _percent(figures.healthy_share),
        _percent(figures.between_share),
        _number(figures.starts_per_fault),
        _number(figures.alarms_per_fault),
        _percent(figures.chance_recall),
        _seconds(figures.detection_seconds(0.5)),
        _seconds(figures.detection_seconds(0.95)),
    )


def by_type_table(results: Sequence[Scored]) -> str:
    """Return how many faults of each type each detector found."""
    kinds = sorted({fault.label.kind for each in results for fault in each.figures.faults})
    rows = [(each.name, *(_found(each.figures, kind) for kind in kinds)) for each in results]
    return table(("", *kinds), rows)


def _found(figures: Figures, kind: str) -> str:
    of_kind = [fault for fault in figures.faults if fault.label.kind == kind]
    return f"{sum(fault.seconds is not None for fault in of_kind)}/{len(of_kind)}"


def generated_table(figures: FaultFigures) -> str:
    """Return the figures on generated traffic by kind of fault."""
    kinds = sorted({fault.label.kind for fault in figures.faults})
    rows = [_generated_row(kind, figures.of(kind)) for kind in kinds]
    header = ("", "faults", "recall", "detect p50", "detect p95", "false per service and day")
    return table(header, [*rows, _generated_row("all", figures)])


def _generated_row(name: str, figures: FaultFigures) -> tuple[str, ...]:
    return (
        name,
        str(len(figures.faults)),
        _percent(figures.recall),
        _seconds(figures.detection_seconds(0.5)),
        _seconds(figures.detection_seconds(0.95)),
        _number(figures.false_alarms_per_service_day),
    )


def _number(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return _NOTHING if value is None else f"{100 * value:.1f} %"


def _seconds(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.0f} s"
