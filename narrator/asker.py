"""A thread that asks the model, so that nothing else waits for it."""

import logging
import queue
import threading
from collections.abc import Callable

from narrator.model import Failure, Model
from narrator.question import Question, Result, put

CLOSE_SECONDS = 1.0
"""How long an abandoned question may take to end before it is left behind."""

logger = logging.getLogger(__name__)


class Asker:
    """Puts one question at a time. ``ask``, ``finished`` and ``is_busy`` belong to one thread: the loop's."""

    def __init__(self, model: Model, clock: Callable[[], float]) -> None:
        self._model, self._clock = model, clock
        self._questions: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
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
            self._results.put(self._result(question))

    def _result(self, question: Question) -> Result:
        started = self._clock()
        try:
            return put(question, self._model, self._clock)
        except Exception as error:
            # An answer that nobody thought of must not leave every later incident without an answer.
            logger.exception("a question to the model failed for a reason that is not known; please report it")
            return Result(question, self._clock() - started, failure=Failure.INVALID_ANSWER, detail=repr(error))
