"""``python -m evaluation`` on a recording of one's own, and its report."""

from pathlib import Path

import pytest

from contracts.settings import settings_table
from detector.settings import DetectorSettings
from evaluation.__main__ import main
from evaluation.report import REPORT
from evaluation.settings import EvaluationSettings
from tests.fast.evaluation.recordings import labels, rows, write_labels, write_windows

FAULTY = {80, 81, 82, 110, 111, 112}


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, _, _ in settings_table(EvaluationSettings, DetectorSettings):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EVALUATION_REPORT_DIR", str(tmp_path / "report"))
    monkeypatch.setenv("EVALUATION_DATA_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("EVALUATION_SEEDS", "0")


def test_a_recording_of_ones_own_is_scored_beside_the_plain_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVALUATION_WINDOWS", str(write_windows(tmp_path / "own.csv", rows(150, FAULTY))))
    monkeypatch.setenv("EVALUATION_LABELS", str(write_labels(tmp_path / "labels.csv", labels([80, 110]))))
    assert main([]) == 0
    said = capsys.readouterr().out
    assert "The recorded shop day is not in" in said
    detector = next(line for line in said.splitlines() if line.startswith("| detector"))
    assert [cell.strip() for cell in detector.split("|")[2:5]] == ["2/2", "0.00", "1.00"]
    report = (tmp_path / "report" / REPORT).read_text()
    pictures = sorted(path.name for path in (tmp_path / "report").glob("*.svg"))
    assert pictures == ["own-error_rate-cart.svg", "own-latency_sla-cart.svg"]
    assert all(f"({name})" in report for name in pictures)
    assert (tmp_path / "report" / pictures[0]).read_text().count("<path") == 3


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVALUATION_WINDOWS", str(tmp_path / "gone.csv"))
    monkeypatch.setenv("EVALUATION_LABELS", str(tmp_path / "gone.csv"))
    assert main([]) == 1
    assert "gone.csv" in capsys.readouterr().err


def test_one_file_without_the_other_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVALUATION_WINDOWS", "own.csv")
    assert main([]) == 0
    assert "belong together" in capsys.readouterr().out
