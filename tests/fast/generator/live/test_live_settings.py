"""Settings of the generator: good as they are, and every mistake is named."""

import pytest

from contracts.settings import InvalidSettingsError
from generator.__main__ import main
from generator.settings import GeneratorSettings


def test_the_defaults_are_those_of_a_shop_of_ten_events_a_second() -> None:
    settings = GeneratorSettings.from_environment()
    assert (settings.generator_rate, settings.generator_port) == (10, 9101)
    assert (settings.generator_anomaly_probability, settings.generator_rhythm_amplitude) == (0.05, 0.3)
    assert (settings.generator_duplicate_share, settings.generator_disorder_share) == (0.02, 0.05)
    assert (settings.generator_broken_share, settings.generator_seed) == (0, None)
    assert not settings.generator_state_dir.is_absolute()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GENERATOR_PORT", "0"),
        ("GENERATOR_RATE", "0"),
        ("GENERATOR_RATE", "1e-320"),
        ("GENERATOR_RATE", "100001"),
        ("GENERATOR_RATE", "nan"),
        ("GENERATOR_SEED", "-1"),
        ("GENERATOR_SEED", "1.5"),
        ("GENERATOR_ANOMALY_PROBABILITY", "1.1"),
        ("GENERATOR_ANOMALY_PROBABILITY", "nan"),
        ("GENERATOR_RHYTHM_AMPLITUDE", "1"),
        ("GENERATOR_DUPLICATE_SHARE", "-0.1"),
        ("GENERATOR_DISORDER_SHARE", "2"),
        ("GENERATOR_BROKEN_SHARE", "all"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettingsError, match=variable):
        GeneratorSettings.from_environment()


def test_all_mistakes_are_told_at_once_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENERATOR_RATE", "fast")
    monkeypatch.setenv("GENERATOR_SEED", "lucky")
    with pytest.raises(SystemExit, match="2"):
        main([])
    told = capsys.readouterr().err
    assert "GENERATOR_RATE = 'fast'" in told
    assert "GENERATOR_SEED = 'lucky'" in told


def test_rates_from_next_to_nothing_to_the_limit_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("0.001", "100000"):
        monkeypatch.setenv("GENERATOR_RATE", value)
        assert GeneratorSettings.from_environment().generator_rate == float(value)
