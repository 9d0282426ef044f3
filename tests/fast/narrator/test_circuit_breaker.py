"""A model that does not answer is left alone for a while; one whose texts are refused is not."""

from narrator.asker import WARM_SECONDS, Asker
from narrator.budget import FAILURES_THAT_OPEN, FIRST_REST_SECONDS, LONGEST_REST_SECONDS, CircuitBreaker
from narrator.model import Failure, ModelFailedError
from narrator.question import Question, Result
from tests.fast.narrator.evidence import anomaly
from tests.fast.narrator.ollama_twin import answer
from tests.fast.narrator.rig import Clock, Desk, failure, text


def desk_with(incidents: int) -> Desk:
    desk = Desk(calls_per_minute=60)
    desk.tell(*[anomaly(incident_id=f"incident-{number}") for number in range(incidents)])
    return desk


def test_failures_in_a_row_end_the_questions_until_a_rest_is_over() -> None:
    desk = desk_with(10)
    for _ in range(FAILURES_THAT_OPEN):
        desk.answered(failure(desk.asked(), Failure.TIMEOUT))
    assert desk.narrator.next_question() is None
    desk.clock.seconds += FIRST_REST_SECONDS
    question = desk.asked()
    desk.answered(failure(question, Failure.BUSY))
    desk.clock.seconds += 2 * FIRST_REST_SECONDS - 1
    assert desk.narrator.next_question() is None
    desk.clock.seconds += 1
    desk.answered(text(desk.asked()))
    desk.answered(failure(desk.asked(), Failure.TIMEOUT))
    desk.asked()


def test_refused_texts_are_answers() -> None:
    desk = desk_with(10)
    for _ in range(2 * FAILURES_THAT_OPEN):
        desk.answered(failure(desk.asked(), Failure.UNGROUNDED))
    desk.asked()


def test_a_rest_grows_to_a_bound() -> None:
    breaker, at = CircuitBreaker(), 0.0
    for _ in range(50):
        breaker.note(at, answered=False)
    assert not breaker.allows(at + LONGEST_REST_SECONDS - 1)
    assert breaker.allows(at + LONGEST_REST_SECONDS)
    breaker.note(at, answered=True)
    breaker.note(at, answered=False)
    assert breaker.allows(at + LONGEST_REST_SECONDS)


class Sleeper:
    """A model that has to be loaded, and counts how often it is."""

    name = "sleeper"

    def __init__(self, *, is_missing: bool = False) -> None:
        self.loads, self.questions, self.is_missing = 0, 0, is_missing

    def warm_up(self) -> None:
        self.loads += 1
        if self.is_missing:
            raise ModelFailedError(Failure.MISSING_MODEL, "not found")

    def ask(self, system: str, user: str) -> str:
        self.questions += len(system + user) > 0
        return answer()

    def abandon(self) -> None:
        """Nothing is under way."""


def results(model: Sleeper, clock: Clock, *pauses: float) -> list[Result]:
    asker = Asker(model, clock.monotonic)
    found = []
    desk = desk_with(1)
    question: Question = desk.asked()
    for pause in pauses:
        clock.seconds += pause
        found.append(asker.result_of(question))
    return found


def test_a_model_is_loaded_when_an_incident_opens_after_a_quiet_time() -> None:
    model = Sleeper()
    found = results(model, Clock(), 0, 5, WARM_SECONDS - 1, WARM_SECONDS)
    assert [result.failure for result in found] == [None] * 4
    assert (model.loads, model.questions) == (2, 4)


def test_a_model_that_cannot_be_loaded_is_not_asked() -> None:
    model = Sleeper(is_missing=True)
    found = results(model, Clock(), 0, 1)
    assert [result.failure for result in found] == [Failure.MISSING_MODEL] * 2
    assert (model.loads, model.questions) == (2, 0)
