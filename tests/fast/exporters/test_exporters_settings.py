"""The settings of the exporters: documented, and wrong ones named."""

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
