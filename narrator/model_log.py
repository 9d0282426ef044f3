"""The log lines about the model: one for each change of its state, not one for each question."""

import logging

from narrator.model import Failure
from narrator.question import Result

_ADVICE = {
    Failure.UNREACHABLE: "the model's server does not answer; summaries keep the template's text."
    " Is {server} running, is {variable} right? LLM_BACKEND=none asks no model",
    Failure.MISSING_MODEL: "{server} does not have the model; {remedy}",
    Failure.BUSY: "{server} has too many requests waiting; it is asked again later",
    Failure.HTTP_ERROR: "{server} answers with an error; read its log",
    Failure.TIMEOUT: "the model is slower than LLM_TIMEOUT_SECONDS; take a smaller LLM_MODEL or raise the limit",
}
_SERVERS = {
    "ollama": {"server": "Ollama", "variable": "OLLAMA_URL", "remedy": "run: ollama pull {model}"},
    "openai": {
        "server": "the server at OPENAI_URL",
        "variable": "OPENAI_URL",
        "remedy": "LLM_MODEL={model} is not a name that it knows; GET OPENAI_URL/models lists them",
    },
}

logger = logging.getLogger(__name__)


class ModelLog:
    """Remembers how the last question ended, and says when that changes."""

    def __init__(self, model_name: str, backend: str = "ollama") -> None:
        self._model_name, self._server = model_name, _SERVERS.get(backend, _SERVERS["ollama"])
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
        remedy = self._server["remedy"].format(model=self._model_name)
        logger.warning(_ADVICE[trouble].format_map({**self._server, "remedy": remedy}), extra=extra)
