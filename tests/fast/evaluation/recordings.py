"""Made-up recordings with known faults."""

from pathlib import Path
from random import Random

from evaluation.alarms import Label
from evaluation.windows_file import WindowRow

START = 1_767_225_600.0
MINUTE = 60.0


def rows(minutes: int, faulty: set[int], *, step_seconds: float = MINUTE, service: str = "cart") -> list[WindowRow]:
    """Return windows of a service that is eight times as slow, and fails, in some of them."""
    random = Random(1)
    return [
        WindowRow(
            service=service,
            start_seconds=START + number * step_seconds,
            requests=random.randint(180, 220),
            error_ratio=0.3 if number in faulty else 0.0,
            average_ms=None,
            quantiles_ms={900: 60.0, 950: (800 if number in faulty else 100) * random.uniform(0.9, 1.1)},
        )
        for number in range(minutes)
    ]


def labels(faulty: list[int], step_seconds: float = MINUTE) -> list[Label]:
    return [Label(START + number * step_seconds, "cart", "made up") for number in faulty]


def write_windows(path: Path, windows: list[WindowRow]) -> Path:
    lines = ["service,ts,request_count,p90,p95,error_rate"]
    lines += [
        f"{row.service},{row.start_seconds},{row.requests},{row.quantiles_ms[900]},{row.quantiles_ms[950]},{row.error_ratio}"
        for row in windows
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_labels(path: Path, faults: list[Label]) -> Path:
    lines = [f"{label.start_seconds},{label.service},{label.kind}" for label in faults]
    path.write_text("\n".join(["t,service,type", *lines]) + "\n")
    return path
