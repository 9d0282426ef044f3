"""``python -m evaluation``: scores the detector on generated and recorded data, beside the plain rules."""

import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.settings import settings_or_exit
from detector.settings import DetectorSettings
from evaluation.comparison import compared
from evaluation.fault_scoring import added_up
from evaluation.recorded import Recording
from evaluation.report import Report, recorded_pictures, recorded_section
from evaluation.seeds import scored, traffic_of
from evaluation.settings import EvaluationSettings
from evaluation.tables import generated_table
from evaluation.windows_file import UnreadableFileError, read_labels, read_windows

SHOP_WINDOWS = "ob_windows_2022-08-23.csv.gz"
SHOP_LABELS = "ob_incidents_2022-08-23.csv"


def main(arguments: Sequence[str]) -> int:
    """Evaluate; the result is the exit code."""
    settings = settings_or_exit(EvaluationSettings, arguments)
    rules = settings_or_exit(DetectorSettings, ())
    report = Report(settings.evaluation_report_dir)
    try:
        for title, windows, labels in _recordings(settings):
            _recorded(report, title, windows, labels, rules)
        if settings.evaluation_seeds > 0:
            _generated(report, settings, rules)
        path = report.write()
    except (OSError, UnreadableFileError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _say(f"The report with its pictures is in {path}.")
    return 0


def _recordings(settings: EvaluationSettings) -> list[tuple[str, Path, Path]]:
    """Return title, windows and labels of the recordings that are there."""
    found = []
    shop = settings.evaluation_data_dir
    if (shop / SHOP_WINDOWS).exists() and (shop / SHOP_LABELS).exists():
        found.append(("Recorded shop day 2022-08-23", shop / SHOP_WINDOWS, shop / SHOP_LABELS))
    else:
        _say(f"The recorded shop day is not in {shop} (EVALUATION_DATA_DIR): left out.")
    if settings.evaluation_windows is not None and settings.evaluation_labels is not None:
        title = f"Your recording {settings.evaluation_windows.name}"
        found.append((title, settings.evaluation_windows, settings.evaluation_labels))
    elif settings.evaluation_windows is not None or settings.evaluation_labels is not None:
        _say("EVALUATION_WINDOWS and EVALUATION_LABELS belong together: left out.")
    return found


def _recorded(report: Report, title: str, windows: Path, labels_path: Path, rules: DetectorSettings) -> None:
    recording, labels = Recording.of(read_windows(windows)), read_labels(labels_path)
    results = compared(recording, labels, rules)
    _say(recorded_section(report, title, results))
    recorded_pictures(report, windows.name.partition(".")[0], recording, labels, results)


def _generated(report: Report, settings: EvaluationSettings, rules: DetectorSettings) -> None:
    hours, rate = settings.evaluation_hours, settings.evaluation_rate
    figures = []
    for seed in range(settings.evaluation_seeds):
        figures.append(scored(traffic_of(seed, hours, rate), rules))
        sys.stderr.write(f"\rgenerated traffic: {seed + 1} of {settings.evaluation_seeds} seeds")
        sys.stderr.flush()
    sys.stderr.write("\n")
    title = f"Generated traffic: {settings.evaluation_seeds} seeds of {hours:g} h at {rate:g} events per second"
    _say(report.add(title, generated_table(added_up(figures))))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
