"""From the evidence over the wire and back: what each answer of Ollama does to summaries, metrics and the log."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from contracts.metrics import INCIDENTS_WAITING
from contracts.summaries import Grounding
from narrator.asker import Asker
from narrator.model import Failure, Outcome
from narrator.ollama import Ollama
from narrator.question import Question
from runtime.unit_thread import run_until_stopped
from tests.fast.narrator.evidence import anomaly
from tests.fast.narrator.ollama_twin import OllamaTwin, Response, answer, fails, says, serving
from tests.fast.narrator.rig import Rig

PULL = "ollama pull phi4-mini"


@pytest.fixture
def twin() -> Iterator[OllamaTwin]:
    with serving(OllamaTwin()) as served:
        yield served


@pytest.fixture
def rig(twin: OllamaTwin) -> Iterator[Rig]:
    with closing(started(twin, 30)) as asker:
        rig = Rig(asker)
        rig.detect(anomaly())
        yield rig


def started(twin: OllamaTwin, limit_seconds: float) -> Asker:
    asker = Asker(Ollama(twin.url, "phi4-mini", limit_seconds), time.monotonic)
    asker.start()
    return asker


def step_until(rig: Rig, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        rig.loop.step()
        time.sleep(0.005)
    assert condition()


def asked(rig: Rig) -> float:
    return sum(rig.sample("llm_requests_total", outcome=outcome.value) or 0 for outcome in Outcome)


def counted(rig: Rig, failure: Failure) -> bool:
    return rig.sample("llm_failures_total", reason=failure.value) == 1


def test_a_good_answer_becomes_the_next_revision(rig: Rig) -> None:
    step_until(rig, lambda: len(rig.published()) == 2)
    first, second = rig.published()
    assert (first.source, second.source, second.grounded) == ("template", "llm", Grounding.GROUNDED)
    assert second.headline == "payments fails for 36 % of requests (usually 0.2 %)"
    assert second.generation_seconds > 0
    assert rig.sample("llm_requests_total", outcome="ok") == 1
    assert rig.sample("llm_request_duration_seconds_count") == 1
    assert rig.sample("narrator_summaries_published_total", source="llm") == 1
    assert rig.sample(INCIDENTS_WAITING.name) == 0


@pytest.mark.parametrize(
    "content",
    [
        f"<think>Let me see {{}}</think>\n{answer()}",
        f"Here you are:\n```json\n{answer()}\n```\nAnything else?",
    ],
)
def test_thinking_and_prose_around_the_answer_do_no_harm(rig: Rig, twin: OllamaTwin, content: str) -> None:
    twin.responses = [says(content)]
    step_until(rig, lambda: len(rig.published()) == 2)
    assert rig.published()[1].source == "llm"


@pytest.mark.parametrize(
    ("response", "outcome", "failure"),
    [
        (fails(404, "model 'phi4-mini' not found"), Outcome.ERROR, Failure.MISSING_MODEL),
        (fails(503, "server busy"), Outcome.ERROR, Failure.BUSY),
        (fails(500, "out of memory"), Outcome.ERROR, Failure.HTTP_ERROR),
        (says(""), Outcome.ERROR, Failure.INVALID_ANSWER),
        (says("All is well."), Outcome.ERROR, Failure.INVALID_ANSWER),
        (says(answer()[:200]), Outcome.ERROR, Failure.INVALID_ANSWER),
        (says('{"text": "wrong schema"}'), Outcome.ERROR, Failure.INVALID_ANSWER),
        (says(answer(summary="99 % of requests fail.")), Outcome.UNGROUNDED, Failure.UNGROUNDED),
        (says(answer(most_affected=["billing"])), Outcome.UNGROUNDED, Failure.UNGROUNDED),
        (says(answer(hypothesis="It is `billing`.")), Outcome.UNGROUNDED, Failure.UNGROUNDED),
    ],
)
def test_every_other_answer_leaves_the_template_and_is_counted(
    rig: Rig, twin: OllamaTwin, response: Response, outcome: Outcome, failure: Failure
) -> None:
    twin.responses = [response]
    step_until(rig, lambda: counted(rig, failure))
    assert rig.sample("llm_requests_total", outcome=outcome.value) == 1
    assert rig.revisions() == [("incident", 1, "template")]
    assert rig.sample(INCIDENTS_WAITING.name) == 1


def test_a_refused_text_is_admitted_after_the_last_attempt(rig: Rig, twin: OllamaTwin) -> None:
    twin.responses = [says(answer(impact="99 requests failed."))]
    step_until(rig, lambda: len(rig.published()) == 2)
    assert rig.published()[1].grounded is Grounding.REJECTED
    assert rig.published()[1].model == "phi4-mini"
    assert "99 requests" not in str(twin.requests[0])
    assert "the number '99' is not in the evidence of payments" in twin.requests[1][1]["messages"][1]["content"]


def test_a_missing_model_is_named_once_with_the_line_that_helps(
    rig: Rig, twin: OllamaTwin, caplog: pytest.LogCaptureFixture
) -> None:
    twin.responses = [fails(404, "model 'phi4-mini' not found")]
    with caplog.at_level(logging.INFO):
        for attempt in range(1, 4):
            step_until(rig, lambda number=attempt: asked(rig) == number)  # type: ignore[misc]
            rig.clock.seconds += 120
    assert caplog.text.count(PULL) == 1


def test_a_server_that_is_away_is_logged_when_that_changes(
    rig: Rig, twin: OllamaTwin, caplog: pytest.LogCaptureFixture
) -> None:
    twin.responses = [twin.hangs_up(), twin.hangs_up(), says(answer())]
    with caplog.at_level(logging.INFO):
        for attempt in range(1, 4):
            step_until(rig, lambda number=attempt: asked(rig) == number)  # type: ignore[misc]
            rig.clock.seconds += 120
    assert caplog.text.count("answers with an error") == 1
    assert caplog.text.count("answers again") == 1
    assert "Traceback" not in caplog.text


def test_no_server_is_the_usual_case_and_costs_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with serving(OllamaTwin()) as gone:
        pass
    with closing(started(gone, 5)) as asker:
        rig = Rig(asker)
        rig.detect(anomaly(), anomaly(incident_id="other"))
        step_until(rig, lambda: asked(rig) == 2)
    assert rig.sample("llm_failures_total", reason="unreachable") == 2
    assert rig.sample("llm_request_duration_seconds_count") == 0
    assert caplog.text.count("OLLAMA_URL") == 1
    assert "Traceback" not in caplog.text


def test_templates_do_not_wait_for_a_model_that_hangs(rig: Rig, twin: OllamaTwin) -> None:
    twin.responses = [twin.hangs()]
    step_until(rig, twin.asked.is_set)
    started_at = time.monotonic()
    for number in range(20):
        rig.detect(anomaly(incident_id=f"incident-{number}"))
        rig.loop.step()
    assert time.monotonic() - started_at < 2
    assert len(rig.published()) == 21
    assert len(twin.requests) == 1


@pytest.mark.parametrize("headers", [True, False])
def test_a_server_that_drips_is_left_at_the_limit(headers: bool) -> None:
    with serving(OllamaTwin()) as twin, closing(started(twin, 0.3)) as asker:
        twin.responses = [twin.drips(headers=headers)]
        rig = Rig(asker)
        rig.detect(anomaly())
        step_until(rig, lambda: counted(rig, Failure.TIMEOUT))
    assert rig.sample("llm_requests_total", outcome="timeout") == 1


def test_a_question_under_way_does_not_delay_stopping(twin: OllamaTwin) -> None:
    twin.responses = [twin.hangs()]
    stop = threading.Event()
    with closing(started(twin, 60)) as asker:
        rig = Rig(asker)
        rig.detect(anomaly())

        def stop_when_asked() -> None:
            twin.asked.wait(10)
            stop.set()

        thread = threading.Thread(target=stop_when_asked)
        thread.start()
        assert run_until_stopped(rig.loop.run, stop)
        thread.join()
        stopped = time.monotonic()
    assert time.monotonic() - stopped < 1
    assert rig.revisions() == [("incident", 1, "template")]


def test_an_error_that_nobody_thought_of_ends_the_loop_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    rig.loop.step = lambda: 1 / 0  # type: ignore[method-assign,assignment]
    assert not run_until_stopped(rig.loop.run, threading.Event())
    assert "ZeroDivisionError" in caplog.text


def test_an_error_that_nobody_thought_of_leaves_the_model_thread_alive(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        name = "broken"

        def warm_up(self) -> None:
            """It is."""

        def ask(self, system: str, user: str) -> str:
            raise ZeroDivisionError(len(system + user))

        def abandon(self) -> None:
            """Nothing is under way."""

    with closing(Asker(Broken(), time.monotonic)) as asker:
        asker.start()
        rig = Rig()
        rig.detect(anomaly())
        rig.loop.step()
        question: Question | None = rig.hand.question
        assert question is not None
        for _ in range(2):
            asker.ask(question)
            deadline = time.monotonic() + 5
            while (result := asker.finished()) is None and time.monotonic() < deadline:
                time.sleep(0.005)
            assert result is not None
            assert result.failure is Failure.INVALID_ANSWER
    assert "ZeroDivisionError" in caplog.text
