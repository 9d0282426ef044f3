"""Contract: a language model that is asked one question at a time, and what can become of a question.

``narrator.ollama`` and ``narrator.openai`` implement it over HTTP.
"""

from enum import StrEnum
from typing import Protocol

CONTEXT_TOKENS = 4_096
"""Tokens of question and answer together that a model has to take; a question has at most ``prompt.MAX_TOKENS``."""

MAX_ANSWER_TOKENS = 600
"""Longest answer, in tokens; a longer one is cut off and refused."""


class Outcome(StrEnum):
    """What became of a question."""

    OK = "ok"
    UNGROUNDED = "ungrounded"
    TIMEOUT = "timeout"
    ERROR = "error"


class Failure(StrEnum):
    """Why a question brought no text that can be published."""

    UNREACHABLE = "unreachable"
    MISSING_MODEL = "missing_model"
    BUSY = "busy"
    HTTP_ERROR = "http_error"
    TIMEOUT = "timeout"
    INVALID_ANSWER = "invalid_answer"
    UNGROUNDED = "ungrounded"

    @property
    def outcome(self) -> Outcome:
        """The outcome that the failure is counted under."""
        if self is Failure.UNGROUNDED:
            return Outcome.UNGROUNDED
        return Outcome.TIMEOUT if self is Failure.TIMEOUT else Outcome.ERROR

    @property
    def is_refusal(self) -> bool:
        """Whether the model answered and its text was refused."""
        return self in {Failure.INVALID_ANSWER, Failure.UNGROUNDED}


class ModelFailedError(RuntimeError):
    """The model did not answer usably; ``failure`` says why, the message adds the detail."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure


class Model(Protocol):
    """A language model."""

    @property
    def name(self) -> str:
        """The model's name, as it stands in a summary."""
        ...

    def warm_up(self) -> None:
        """Have the model loaded, where that is not done yet. Blocks up to the model's own time limit.

        Raises:
            ModelFailedError: it cannot be asked.
        """
        ...

    def ask(self, system: str, user: str) -> str:
        """Return the model's text. Blocks up to the model's own time limit; one question at a time.

        Raises:
            ModelFailedError: there is no text.
        """
        ...

    def abandon(self) -> None:
        """End the question under way, if there is one, and every later one. May be called from any thread."""
        ...
