"""What is Ollama's own in the client: the request as documented, and a chat without messages that loads the model."""

import pytest

from narrator.model import Failure, ModelFailedError
from narrator.ollama import KEEP_ALIVE, Ollama
from tests.fast.narrator.ollama_twin import OllamaTwin, answer, serving


def test_a_question_is_what_ollama_documents() -> None:
    with serving(OllamaTwin()) as twin:
        assert Ollama(twin.url, "phi4-mini", 5).ask("Be brief.", "What now?") == answer()
    path, request = twin.requests[0]
    assert path == "/api/chat"
    assert request["stream"] is False
    assert request["options"] == {"temperature": 0, "num_ctx": 4096, "num_predict": 600}
    assert request["keep_alive"] == KEEP_ALIVE
    assert set(request["format"]["required"]) == set(request["format"]["properties"])


def test_an_address_with_a_path_is_kept() -> None:
    with serving(OllamaTwin()) as twin:
        Ollama(f"{twin.url}/behind/proxy", "m", 5).ask("", "")
    assert twin.requests[0][0] == "/behind/proxy/api/chat"


def test_warming_up_loads_the_model_with_the_context_that_questions_use() -> None:
    with serving(OllamaTwin()) as twin:
        Ollama(twin.url, "phi4-mini", 5).warm_up()
    (load,) = twin.loads
    assert (load["model"], load["messages"], load["options"]["num_ctx"]) == ("phi4-mini", [], 4096)
    assert twin.requests == []


def test_a_server_that_is_gone_cannot_be_warmed_up() -> None:
    with serving(OllamaTwin()) as twin:
        pass
    with pytest.raises(ModelFailedError) as caught:
        Ollama(twin.url, "m", 5).warm_up()
    assert caught.value.failure is Failure.UNREACHABLE
