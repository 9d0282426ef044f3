"""The client of Ollama against a server that speaks its contract, keeps silent, drips or breaks off."""

import socket
import threading
import time

import pytest

from narrator.model import Failure, ModelFailedError
from narrator.ollama import MAX_RESPONSE_BYTES, Ollama
from tests.fast.narrator.ollama_twin import OllamaTwin, Response, answer, fails, says, serving

LIMIT_SECONDS = 0.4


def failure_of(twin: OllamaTwin, response: Response) -> ModelFailedError:
    twin.responses = [response]
    with serving(twin), pytest.raises(ModelFailedError) as caught:
        Ollama(twin.url, "phi4-mini", LIMIT_SECONDS).ask("system", "user")
    return caught.value


def test_a_question_is_what_ollama_documents() -> None:
    with serving(OllamaTwin()) as twin:
        assert Ollama(twin.url, "phi4-mini", 5).ask("Be brief.", "What now?") == answer()
    path, request = twin.requests[0]
    assert path == "/api/chat"
    assert request["model"] == "phi4-mini"
    assert request["stream"] is False
    assert request["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What now?"},
    ]
    assert request["options"] == {"temperature": 0, "num_ctx": 4096, "num_predict": 500}
    assert set(request["format"]["required"]) == set(request["format"]["properties"])


def test_an_address_with_a_path_is_kept() -> None:
    with serving(OllamaTwin()) as twin:
        Ollama(f"{twin.url}/behind/proxy", "m", 5).ask("", "")
    assert twin.requests[0][0] == "/behind/proxy/api/chat"


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (fails(404, "model 'phi4-mini' not found"), Failure.MISSING_MODEL),
        (fails(503, "server busy, please try again. maximum pending requests exceeded"), Failure.BUSY),
        (fails(500, "llama runner process has terminated"), Failure.HTTP_ERROR),
        (Response(301, b""), Failure.HTTP_ERROR),
        (says(""), Failure.INVALID_ANSWER),
        (says(" \n"), Failure.INVALID_ANSWER),
        (Response(200, b"<html>hello</html>"), Failure.INVALID_ANSWER),
        (Response(200, b'{"message": null}'), Failure.INVALID_ANSWER),
        (Response(200, b"[]"), Failure.INVALID_ANSWER),
        (Response(200, b"[" * 100_000), Failure.INVALID_ANSWER),
        (Response(200, b'{"message": {"content": 5}}'), Failure.INVALID_ANSWER),
        (Response(200, b" " * (MAX_RESPONSE_BYTES + 1)), Failure.INVALID_ANSWER),
    ],
)
def test_every_other_answer_has_its_failure(response: Response, failure: Failure) -> None:
    assert failure_of(OllamaTwin(), response).failure is failure


def test_a_connection_that_breaks_off_is_an_error_of_the_server() -> None:
    twin = OllamaTwin()
    assert failure_of(twin, twin.hangs_up()).failure is Failure.HTTP_ERROR
    assert failure_of(twin, twin.breaks_off()).failure is Failure.HTTP_ERROR


@pytest.mark.parametrize("manner", ["silent", "slow body", "slow headers"])
def test_the_limit_is_that_of_the_whole_call(manner: str) -> None:
    twin = OllamaTwin()
    response = twin.hangs() if manner == "silent" else twin.drips(headers=manner == "slow headers")
    started = time.monotonic()
    assert failure_of(twin, response).failure is Failure.TIMEOUT
    assert LIMIT_SECONDS <= time.monotonic() - started < LIMIT_SECONDS + 2


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ModelFailedError) as caught:
        Ollama(f"http://127.0.0.1:{port}", "m", 5).ask("", "")
    assert caught.value.failure is Failure.UNREACHABLE


def test_loopback_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with serving(OllamaTwin()) as twin:
        assert Ollama(twin.url, "m", 5).ask("", "") == answer()


def test_a_question_under_way_can_be_abandoned() -> None:
    twin = OllamaTwin()
    twin.responses = [twin.hangs()]
    with serving(twin):
        model = Ollama(twin.url, "m", 60)

        def abandon_when_asked() -> None:
            assert twin.asked.wait(5)
            model.abandon()

        thread = threading.Thread(target=abandon_when_asked)
        thread.start()
        started = time.monotonic()
        with pytest.raises(ModelFailedError):
            model.ask("", "")
        assert time.monotonic() - started < 5
        thread.join()
        with pytest.raises(ModelFailedError):
            model.ask("", "")


def test_a_limit_leaves_no_thread_behind() -> None:
    with serving(OllamaTwin()) as twin:
        model = Ollama(twin.url, "m", 60)
        before = threading.active_count()
        for _ in range(5):
            model.ask("", "")
        deadline = time.monotonic() + 5
        while threading.active_count() > before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert threading.active_count() <= before
