"""The settings of the exporters: documented, and wrong ones named."""

import re
from pathlib import Path

import pytest

from contracts.settings import InvalidSettingsError, settings_table
from exporters.settings import ExportersSettings


def test_the_defaults_are_those_of_the_design() -> None:
    table = {name: default for name, default, _ in settings_table(ExportersSettings)}
    assert table["EXPORTERS_PORT"] == "9108"
    assert table["DUCKDB_PATH"] == "./data/observability.db"
    assert table["HTTP_HOST"] == "127.0.0.1"


def test_every_setting_says_what_it_means() -> None:
    assert all(meaning for _, _, meaning in settings_table(ExportersSettings))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORTERS_PORT", "0"),
        ("DB_MEMORY_LIMIT", "plenty"),
        ("DB_POOL_SIZE", "0"),
        ("DB_QUERY_TIMEOUT_SECONDS", "-1"),
        ("SLO_OBJECTIVE", "1"),
        ("SLO_OBJECTIVE_BY_SERVICE", "checkout=0.99,payments=1"),
        ("API_SQL_ENABLED", "perhaps"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettingsError, match=name):
        ExportersSettings.from_environment()


def test_a_service_may_promise_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLO_OBJECTIVE_BY_SERVICE", "checkout=0.999, payments=0.99")
    settings = ExportersSettings.from_environment()
    assert settings.slo_objective_by_service == {"checkout": 0.999, "payments": 0.99}
    assert (settings.slo_objective, settings.api_sql_enabled) == (0.995, False)


def bearer_token() -> str | None:
    token = ExportersSettings.from_environment().bearer_token
    return None if token is None else token.get_secret_value()


def mistakes() -> str:
    """Return what is told of the environment's mistakes, in a traceback too; nothing when there are none."""
    try:
        ExportersSettings.from_environment()
    except InvalidSettingsError as error:
        return f"{error}\n{error.__cause__}"
    return ""


def test_without_a_token_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bearer_token() is None
    monkeypatch.setenv("API_TOKEN", "")
    monkeypatch.setenv("API_TOKEN_FILE", "")
    assert bearer_token() is None


def test_a_token_is_a_variable_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("API_TOKEN", "0123456789abcdef")
    assert bearer_token() == "0123456789abcdef"
    (tmp_path / "token").write_text("MDEyMzQ1Njc4OQ==\n", encoding="utf-8")
    monkeypatch.setenv("API_TOKEN", "")
    monkeypatch.setenv("API_TOKEN_FILE", str(tmp_path / "token"))
    assert bearer_token() == "MDEyMzQ1Njc4OQ=="


def test_a_token_file_is_read_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef", encoding="utf-8")
    monkeypatch.setenv("API_TOKEN_FILE", str(tmp_path / "token"))
    settings = ExportersSettings.from_environment()
    (tmp_path / "token").unlink()
    assert settings.bearer_token is not None


UNUSABLE = [
    "secret",
    "0123456789secre",
    "0123456789 secret",
    "0123456789secr\u00e9t",
    "0123456789$secret",
    "=" * 16,
    "secret" * 100,
]


@pytest.mark.parametrize("token", UNUSABLE)
def test_a_token_that_is_none_is_refused_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("API_TOKEN", token)
    assert re.search(r"API_TOKEN = .*at least 16 characters, of", mistakes())
    assert token not in mistakes()


@pytest.mark.parametrize("content", [b"", b"\n", b"too short", b"\xff" * 16])
def test_a_file_without_a_token_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    monkeypatch.setenv("API_TOKEN_FILE", str(tmp_path / "token"))
    assert "API_TOKEN_FILE = " in mistakes()
    assert "too short" not in mistakes()


def test_a_file_that_cannot_be_read_is_named_beside_every_other_mistake(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("API_TOKEN_FILE", str(tmp_path / "absent"))
    monkeypatch.setenv("DB_POOL_SIZE", "0")
    assert re.search(r"API_TOKEN_FILE = .*absent cannot be read", mistakes())
    assert "DB_POOL_SIZE" in mistakes()


def test_two_tokens_are_one_too_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef", encoding="utf-8")
    monkeypatch.setenv("API_TOKEN", "0123456789abcdef")
    monkeypatch.setenv("API_TOKEN_FILE", str(tmp_path / "token"))
    assert "API_TOKEN_FILE = (hidden): Value error, API_TOKEN is set as well" in mistakes()
