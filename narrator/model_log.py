"""The log lines about the model: one for each change of its state, not one for each question."""

import logging

from narrator.model import Failure
from narrator.question import Result

_ADVICE = {
    Failure.UNREACHABLE: "the model's server does not answer; summaries keep the template's text."
    " Is Ollama running, is OLLAMA_URL right? LLM_BACKEND=none asks no model",
    Failure.MISSING_MODEL: "Ollama does not have the model; run: ollama pull %s",
    Failure.BUSY: "Ollama has too many requests waiting; it is asked again later",
    Failure.HTTP_ERROR: "Ollama answers with an error; read its log",
    Failure.TIMEOUT: "the model is slower than LLM_TIMEOUT_SECONDS; take a smaller LLM_MODEL or raise the limit",
}

logger = logging.getLogger(__name__)


class ModelLog:
    """Remembers how the last question ended, and says when that changes."""

    def __init__(self, model_name: str) -> None:
        self._model_name = model_name
        self._trouble: Failure | None = None

    def note(self, result: Result) -> None:
        """Log what is new in a result: a trouble that began or ended, or a text that was refused."""
        extra = {"incident_id": result.question.incident_id, "detail": result.detail}
        trouble = None if result.failure is None or result.failure.is_refusal else result.failure
        if result.failure is not None and trouble is None:
            logger.info("the model's text was refused", extra={**extra, "reason": result.failure.value})
        if trouble is self._trouble:
            return
        self._trouble = trouble
        if trouble is None:
            logger.info("the model answers again", extra={"model": self._model_name})
            return
        advice = _ADVICE[trouble]
        logger.warning(advice % self._model_name if "%s" in advice else advice, extra=extra)
