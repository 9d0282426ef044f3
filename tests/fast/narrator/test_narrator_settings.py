"""The narrator's settings: defaults that work on a laptop, mistakes that are named."""

import pytest

from contracts.settings import InvalidSettingsError, settings_table
from narrator.settings import NarratorSettings


def test_the_defaults_are_valid_and_documented() -> None:
    settings = NarratorSettings.from_environment()
    assert settings.narrator_port == 9104
    assert (settings.llm_backend, settings.llm_model) == ("ollama", "phi4-mini")
    assert (settings.llm_timeout_seconds, settings.llm_calls_per_minute) == (120, 5)
    table = {name: default for name, default, meaning in settings_table(NarratorSettings) if meaning}
    assert table["NARRATOR_STATE_DIR"] == "./data/narrator"
    assert table["OLLAMA_URL"] == "http://localhost:11434"


@pytest.mark.parametrize(
    "url",
    [
        "localhost:11434",
        "ftp://localhost",
        "http://",
        "http://user:secret@host",
        "http://host:99999",
        "http://h?q=1",
        "http://host:0",
    ],
)
def test_an_address_that_cannot_be_reached_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OLLAMA_URL", url)
    with pytest.raises(InvalidSettingsError, match="OLLAMA_URL"):
        NarratorSettings.from_environment()


@pytest.mark.parametrize("url", ["http://localhost:11434/", "https://models.example.org/ollama", "http://[::1]:11434"])
def test_an_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OLLAMA_URL", url)
    assert NarratorSettings.from_environment().ollama_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_BACKEND", "other"),
        ("LLM_MODEL", "two words"),
        ("LLM_TIMEOUT_SECONDS", "0"),
        ("LLM_CALLS_PER_MINUTE", "0"),
        ("NARRATOR_PORT", "x"),
    ],
)
def test_a_mistake_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettingsError, match=name):
        NarratorSettings.from_environment()
