"""The settings of the detector: their defaults, and what is refused."""

from pathlib import Path

import pytest

from contracts.settings import InvalidSettingsError, settings_table
from detector.settings import DetectorSettings


def test_defaults_need_no_environment() -> None:
    settings = DetectorSettings.from_environment()
    assert settings.detector_port == 9103
    assert settings.detector_state_dir == Path("data/detector")
    assert settings.sla_seconds("checkout") == 0.5


def test_an_sla_can_be_given_for_single_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLA_LATENCY_MS", "250")
    monkeypatch.setenv("SLA_LATENCY_MS_BY_SERVICE", "checkout=300, payments=800")
    settings = DetectorSettings.from_environment()
    assert [settings.sla_seconds(name) for name in ("checkout", "payments", "search")] == [0.3, 0.8, 0.25]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DETECTOR_ERROR_FACTOR", "0.5"),
        ("DETECTOR_ERROR_FACTOR", "nan"),
        ("DETECTOR_ERROR_FACTOR", "inf"),
        ("DETECTOR_ERROR_FLOOR", "0"),
        ("DETECTOR_ERROR_FLOOR", "1.5"),
        ("DETECTOR_LATENCY_FACTOR", "inf"),
        ("DETECTOR_LATENCY_FACTOR", "0"),
        ("DETECTOR_MIN_REQUESTS", "0"),
        ("DETECTOR_MIN_ERRORS", "0"),
        ("DETECTOR_BASELINE_WINDOWS", "61"),
        ("DETECTOR_RESOLVE_WINDOWS", "0"),
        ("SLA_LATENCY_MS", "nan"),
        ("SLA_LATENCY_MS_BY_SERVICE", "checkout"),
        ("SLA_LATENCY_MS_BY_SERVICE", "checkout=0"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettingsError, match=variable):
        DetectorSettings.from_environment()


def test_every_setting_is_described_in_one_sentence() -> None:
    assert all(meaning.endswith(".") for _, _, meaning in settings_table(DetectorSettings))
