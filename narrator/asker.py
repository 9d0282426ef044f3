"""A thread that asks the model, so that nothing else waits for it."""

import logging
import queue
import threading
from collections.abc import Callable

from narrator.model import Failure, Model, ModelFailedError
from narrator.question import Question, Result, put

CLOSE_SECONDS = 1.0
"""How long an abandoned question may take to end before it is left behind."""

WARM_SECONDS = 600.0
"""A model that was not asked for so long may have left the memory, and is loaded before the next question."""

logger = logging.getLogger(__name__)


class Asker:
    """Puts one question at a time. ``ask``, ``finished`` and ``is_busy`` belong to one thread: the loop's."""

    def __init__(self, model: Model, clock: Callable[[], float]) -> None:
        self._model, self._clock = model, clock
        self._questions: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._warm_until = float("-inf")
        self.is_busy = False
        """Whether a question is under way, or its result not taken yet."""

    def start(self) -> None:
        """Begin to wait for questions."""
        self._thread.start()

    def ask(self, question: Question) -> None:
        """Hand over a question; not while the asker is busy."""
        self.is_busy = True
        self._questions.put(question)

    def finished(self) -> Result | None:
        """Return the result of the question, once; None while there is none. Never blocks."""
        try:
            result = self._results.get_nowait()
        except queue.Empty:
            return None
        self.is_busy = False
        return result

    def close(self) -> None:
        """Abandon the question under way and end the thread; within ``CLOSE_SECONDS``."""
        self._questions.put(None)
        self._model.abandon()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while (question := self._questions.get()) is not None:
            self._results.put(self.result_of(question))

    def result_of(self, question: Question) -> Result:
        """Load the model where it may have left the memory, and put a question to it."""
        started = self._clock()
        try:
            if started >= self._warm_until:
                # Loading takes minutes on a small machine; it is not taken from the time of the first answer.
                self._model.warm_up()
            result = put(question, self._model, self._clock)
        except ModelFailedError as error:
            return Result(question, self._clock() - started, failure=error.failure, detail=str(error))
        except Exception as error:
            # An answer that nobody thought of must not leave every later incident without an answer.
            logger.exception("a question to the model failed for a reason that is not known; please report it")
            return Result(question, self._clock() - started, failure=Failure.INVALID_ANSWER, detail=repr(error))
        if result.failure is None or result.failure.is_refusal:
            self._warm_until = self._clock() + WARM_SECONDS
        return result
