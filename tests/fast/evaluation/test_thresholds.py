"""What the detector must not fall below, on recorded and on generated data."""

from pathlib import Path

import pytest

from detector.settings import DetectorSettings
from evaluation.comparison import compared
from evaluation.recorded import Recording
from evaluation.seeds import scored, traffic_of
from evaluation.windows_file import read_labels, read_windows

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
WINDOWS = DATA / "ob_windows_2022-08-23.csv.gz"
LABELS = DATA / "ob_incidents_2022-08-23.csv"


@pytest.mark.skipif(not WINDOWS.exists(), reason="the recorded shop day is not beside the project")
def test_the_recorded_shop_day() -> None:
    own, *peers = compared(Recording.of(read_windows(WINDOWS)), read_labels(LABELS), DetectorSettings())
    figures = own.figures
    assert len(figures.faults) == 25
    assert (figures.f1 or 0) >= 0.85
    assert (figures.false_alarms_per_hour or 0) <= 0.3
    assert (figures.healthy_share or 0) <= 0.02
    assert (figures.between_share or 0) <= 0.15
    assert (figures.starts_per_fault or 0) <= 1.5
    both = next(peer.figures for peer in peers if peer.name == "both plain rules")
    assert both.f1 == pytest.approx(0.69, abs=0.01), "the plain rules score as those who scored them first say"


@pytest.mark.parametrize("seed", [3])
def test_generated_faults(seed: int) -> None:
    figures = scored(traffic_of(seed, hours=2.5, rate=10), DetectorSettings())
    assert figures.of("error_surge").recall == figures.of("latency_spike").recall == 1.0
    assert figures.false_alarms == ()
    surges = figures.of("error_surge").detection_seconds(0.5)
    assert surges is not None
    assert surges <= 25
    slowest = figures.detection_seconds(0.95)
    assert slowest is not None
    assert slowest <= 80
