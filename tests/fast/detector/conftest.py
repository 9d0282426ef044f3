"""What tests of the detector share."""

from pathlib import Path

import pytest

from contracts.settings import settings_table
from contracts.topics import AGGREGATED_METRICS, ANOMALIES
from detector.settings import DetectorSettings
from runtime.memory import MemoryCluster
from tests.fast.detector.counting import Minutes


@pytest.fixture(autouse=True)
def no_detector_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _ in settings_table(DetectorSettings):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def minutes() -> Minutes:
    """An engine that has seen ten calm minutes of checkout."""
    watched = Minutes()
    assert watched.pass_minutes([(100, 0, 0.1)] * 10) == []
    return watched


@pytest.fixture
def settings(tmp_path: Path) -> DetectorSettings:
    return DetectorSettings(detector_state_dir=tmp_path)


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster((AGGREGATED_METRICS, ANOMALIES), "first")
