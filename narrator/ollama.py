"""A model behind Ollama's ``POST /api/chat``.

Source: Ollama's API documentation, "Generate a chat completion", "Structured outputs" and "Load a model".
"""

from typing import Any

from narrator.answer import FORMAT
from narrator.http_exchange import HttpExchange, content, decoded, failed
from narrator.model import CONTEXT_TOKENS, MAX_ANSWER_TOKENS

KEEP_ALIVE = "15m"
"""How long Ollama keeps the model in memory after a question."""

_OPTIONS = {"temperature": 0, "num_ctx": CONTEXT_TOKENS, "num_predict": MAX_ANSWER_TOKENS}


class Ollama:
    """``Model`` over Ollama's HTTP interface."""

    def __init__(self, url: str, model: str, timeout_seconds: float) -> None:
        """Nothing is asked yet.

        Args:
            url: address of the server, without ``/api``.
            model: as ``ollama list`` names it.
            timeout_seconds: limit of one question, from the connection to the last byte.
        """
        self._exchange, self._model = HttpExchange(url, timeout_seconds), model

    @property
    def name(self) -> str:
        """See ``Model``."""
        return self._model

    def warm_up(self) -> None:
        """See ``Model``. A chat without messages loads the model."""
        self._chat({"messages": []})

    def ask(self, system: str, user: str) -> str:
        """See ``Model``."""
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        response = self._chat({"messages": messages, "format": FORMAT})
        return content(response, "Ollama's answer", ended_because="done_reason")

    def abandon(self) -> None:
        """See ``Model``."""
        self._exchange.abandon()

    def _chat(self, parts: dict[str, object]) -> Any:  # noqa: ANN401 - decoded JSON
        request = {"model": self._model, **parts, "stream": False, "options": _OPTIONS, "keep_alive": KEEP_ALIVE}
        status, payload = self._exchange.post("/api/chat", request)
        if status != 200:
            raise failed(status, payload)
        return decoded(payload)
