"""What every client of a model's server keeps to, whichever it is: each failure has its name, the limit holds."""

import socket
import threading
import time

import pytest

from narrator.answer import InvalidAnswerError, parse
from narrator.http_exchange import MAX_RESPONSE_BYTES
from narrator.model import Failure, ModelFailedError
from tests.fast.narrator.backends import BACKENDS, Backend
from tests.fast.narrator.ollama_twin import OllamaTwin, Response, answer, serving

LIMIT_SECONDS = 0.4


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    return BACKENDS[request.param]


def failure_of(backend: Backend, twin: OllamaTwin, response: Response, seconds: float = 5) -> ModelFailedError:
    twin.responses = [response]
    with serving(twin), pytest.raises(ModelFailedError) as caught:
        backend.client(twin.url, "phi4-mini", seconds).ask("system", "user")
    return caught.value


def test_the_text_of_an_answer_is_returned_and_the_question_arrives(backend: Backend) -> None:
    with serving(backend.twin()) as twin:
        model = backend.client(twin.url, "phi4-mini", 5)
        model.warm_up()
        assert model.ask("Be brief.", "What now?") == answer()
    (_, request), *others = twin.requests
    assert others == []
    assert request["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What now?"},
    ]
    assert (request["model"], model.name) == ("phi4-mini", "phi4-mini")


@pytest.mark.parametrize(
    ("status", "message", "failure"),
    [
        (404, "model 'phi4-mini' not found", Failure.MISSING_MODEL),
        (404, "The model `phi4-mini` does not exist.", Failure.MISSING_MODEL),
        (404, "page not found", Failure.HTTP_ERROR),
        (429, "too many requests", Failure.BUSY),
        (503, "Loading model", Failure.BUSY),
        (500, "llama runner process has terminated", Failure.HTTP_ERROR),
        (401, "invalid key", Failure.HTTP_ERROR),
        (400, "the request exceeds the available context size", Failure.HTTP_ERROR),
    ],
)
def test_every_status_has_its_failure(backend: Backend, status: int, message: str, failure: Failure) -> None:
    found = failure_of(backend, backend.twin(), backend.fails(status, message))
    assert found.failure is failure
    assert message in str(found)


def test_what_is_no_answer_is_invalid(backend: Backend) -> None:
    bodies = (
        b"<html>hello</html>",
        b'{"message": null}',
        b"[]",
        b"[" * 100_000,
        b" " * (MAX_RESPONSE_BYTES + 1),
        b'{"choices": []}',
        backend.no_content,
        backend.says("").body,
        backend.says(" \n").body,
        backend.cut_off(answer()).body,
    )
    for body in bodies:
        found = failure_of(backend, backend.twin(), Response(200, body))
        assert found.failure is Failure.INVALID_ANSWER, body[:50]


def test_a_redirect_is_not_followed(backend: Backend) -> None:
    assert failure_of(backend, backend.twin(), Response(301, b"")).failure is Failure.HTTP_ERROR


@pytest.mark.parametrize("text", ["lorem ipsum", answer()[:150], "<think>hm", '{"text": "ignored the format"}'])
def test_a_text_that_ignores_the_format_is_returned_and_then_refused(backend: Backend, text: str) -> None:
    twin = backend.twin()
    twin.responses = [backend.says(text)]
    with serving(twin):
        said = backend.client(twin.url, "m", 5).ask("", "")
    with pytest.raises(InvalidAnswerError):
        parse(said)


def test_a_connection_that_breaks_off_is_an_error_of_the_server(backend: Backend) -> None:
    twin = backend.twin()
    assert failure_of(backend, twin, twin.hangs_up()).failure is Failure.HTTP_ERROR
    assert failure_of(backend, backend.twin(), twin.breaks_off()).failure is Failure.HTTP_ERROR


@pytest.mark.parametrize("manner", ["silent", "slow body", "slow headers"])
def test_the_limit_is_that_of_the_whole_call(backend: Backend, manner: str) -> None:
    twin = backend.twin()
    response = twin.hangs() if manner == "silent" else twin.drips(headers=manner == "slow headers")
    started = time.monotonic()
    assert failure_of(backend, twin, response, LIMIT_SECONDS).failure is Failure.TIMEOUT
    assert LIMIT_SECONDS <= time.monotonic() - started < LIMIT_SECONDS + 5


def test_a_server_that_is_not_there_is_unreachable(backend: Backend) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ModelFailedError) as caught:
        backend.client(f"http://127.0.0.1:{port}", "m", 5).ask("", "")
    assert caught.value.failure is Failure.UNREACHABLE


def test_loopback_is_never_reached_through_a_proxy(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with serving(backend.twin()) as twin:
        assert backend.client(twin.url, "m", 5).ask("", "") == answer()


def test_a_question_under_way_can_be_abandoned(backend: Backend) -> None:
    twin = backend.twin()
    twin.responses = [twin.hangs()]
    with serving(twin):
        model = backend.client(twin.url, "m", 60)

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


def test_a_limit_leaves_no_thread_behind(backend: Backend) -> None:
    with serving(backend.twin()) as twin:
        model = backend.client(twin.url, "m", 60)
        before = threading.active_count()
        for _ in range(5):
            model.ask("", "")
        deadline = time.monotonic() + 5
        while threading.active_count() > before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert threading.active_count() <= before
