"""Settings: all mistakes at once, nothing half valid, nothing secret in a message."""

import pytest
from pydantic import Field, SecretStr, ValidationError

from contracts.settings import (
    HttpSettings,
    InvalidSettingsError,
    KafkaSettings,
    PerService,
    Port,
    Settings,
    settings_or_exit,
    settings_table,
)


class ExampleSettings(KafkaSettings, HttpSettings):
    example_port: Port = Field(9108, description="Port of the example.")
    example_token: SecretStr | None = Field(None, min_length=8, description="Token of the example.")


def test_without_variables_the_defaults_hold() -> None:
    settings = ExampleSettings.from_environment()
    assert (settings.kafka_broker, settings.example_port) == ("localhost:29092", 9108)


def test_all_mistakes_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_PORT", "70000")
    monkeypatch.setenv("KAFKA_BROKER", "no-port")
    with pytest.raises(InvalidSettingsError) as caught:
        ExampleSettings.from_environment()
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert any("EXAMPLE_PORT = '70000'" in line and "less than or equal to 65535" in line for line in lines)


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_TOKEN", "hunter2")
    with pytest.raises(InvalidSettingsError) as caught:
        ExampleSettings.from_environment()
    assert "hunter2" not in str(caught.value)
    assert "EXAMPLE_TOKEN = (hidden)" in str(caught.value)


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_PORT", "")
    assert ExampleSettings.from_environment().example_port == 9108


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Settings(), "log_level", "DEBUG")  # noqa: B010


def test_a_wrong_setting_ends_the_process_with_a_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EXAMPLE_PORT", "http")
    with pytest.raises(SystemExit) as caught:
        settings_or_exit(ExampleSettings, [])
    assert caught.value.code == 2
    assert "EXAMPLE_PORT = 'http'" in capsys.readouterr().err


def test_check_config_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        settings_or_exit(ExampleSettings, ["--check-config"])
    assert caught.value.code == 0
    assert "valid" in capsys.readouterr().out


def test_every_setting_is_documented() -> None:
    assert all(meaning for _, _, meaning in settings_table(ExampleSettings))
    assert ("EXAMPLE_TOKEN", "", "Token of the example.") in settings_table(ExampleSettings)


class LimitSettings(Settings):
    limits: PerService = Field({}, description="Limits by service.")


def test_numbers_by_service_are_read_from_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMITS", "checkout=300, payments=0.5")
    assert LimitSettings.from_environment().limits == {"checkout": 300.0, "payments": 0.5}


@pytest.mark.parametrize("text", ["checkout", "=3", "checkout=fast", "checkout=-1", "checkout=nan"])
def test_a_number_by_service_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LIMITS", text)
    with pytest.raises(InvalidSettingsError, match="LIMITS"):
        LimitSettings.from_environment()
