"""What is the OpenAI interface's own in the client: the request as documented, the key, and servers that differ."""

from pathlib import Path

import pytest

from contracts.settings import InvalidSettingsError
from narrator.__main__ import model_of
from narrator.model import ModelFailedError
from narrator.openai import OpenAi
from narrator.settings import NarratorSettings
from tests.fast.narrator.ollama_twin import answer, serving
from tests.fast.narrator.openai_twin import OpenAiTwin, fails


def test_a_question_is_what_the_interface_documents() -> None:
    with serving(OpenAiTwin()) as twin:
        assert OpenAi(f"{twin.url}/v1", "m", 5).ask("Be brief.", "What now?") == answer()
    path, request = twin.requests[0]
    assert path == "/v1/chat/completions"
    assert (request["temperature"], request["max_tokens"]) == (0, 600)
    wished = request["response_format"]
    assert (wished["type"], wished["json_schema"]["strict"]) == ("json_schema", True)
    assert set(wished["json_schema"]["schema"]["required"]) >= {"headline", "summary"}
    assert "Authorization" not in twin.headers[0]


@pytest.mark.parametrize("status", [400, 422, 500])
@pytest.mark.parametrize(("known", "wished"), [({"json_object"}, "json_object"), (set(), None)])
def test_a_server_that_knows_no_schema_is_asked_in_its_own_way_and_remembered(
    status: int, known: set[str], wished: str | None
) -> None:
    twin = OpenAiTwin()
    twin.known_formats, twin.refusal_status = known, status
    with serving(twin):
        model = OpenAi(f"{twin.url}/v1", "m", 5)
        assert model.ask("", "") == answer()
        refused = len(twin.headers) - 1
        assert model.ask("", "") == answer()
    assert [body.get("response_format", {}).get("type") for _, body in twin.requests] == [wished, wished]
    assert len(twin.headers) == refused + 2


def test_a_key_is_sent_as_bearer_token_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush-hush\n", encoding="utf-8")
    monkeypatch.setenv("LLM_BACKEND", "openai")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "key"))
    with serving(OpenAiTwin()) as twin:
        monkeypatch.setenv("OPENAI_URL", f"{twin.url}/v1")
        settings = NarratorSettings.from_environment()
        model = model_of(settings)
        assert model is not None
        model.ask("", "")
    assert twin.headers[0]["Authorization"] == "Bearer hush-hush"
    assert "hush-hush" not in repr(settings)


@pytest.mark.parametrize("key", ["two words", "key\nInjected: header", "schlüssel"])
def test_a_key_that_is_no_header_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(InvalidSettingsError, match="OPENAI_API_KEY") as caught:
        NarratorSettings.from_environment()
    assert key not in str(caught.value)


def test_a_key_is_given_once_and_its_file_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(InvalidSettingsError, match="OPENAI_API_KEY_FILE cannot be read"):
        NarratorSettings.from_environment()
    monkeypatch.setenv("OPENAI_API_KEY", "one")
    with pytest.raises(InvalidSettingsError, match="both set"):
        NarratorSettings.from_environment()


def test_a_question_that_is_too_long_is_not_asked_again_in_another_way() -> None:
    twin = OpenAiTwin()
    twin.responses = [fails(400, "This model's maximum context length is 512 tokens")]
    with serving(twin), pytest.raises(ModelFailedError, match="maximum context length"):
        OpenAi(f"{twin.url}/v1", "m", 5).ask("", "")
    assert len(twin.requests) == 1
