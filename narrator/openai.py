"""A model behind an OpenAI-compatible server's ``POST /chat/completions``: llama.cpp, vLLM and others.

Servers differ in how they are asked to keep to a schema. ``json_schema`` is asked for first; a server that refuses the
request gets the older ``json_object`` with the schema beside it, then no wish at all, and is remembered.

Source: OpenAI's API reference, "Create chat completion"; the documentation of llama.cpp's and of vLLM's server.
"""

from collections.abc import Mapping
from typing import Any

from narrator.answer import FORMAT
from narrator.http_exchange import HttpExchange, content, decoded, failed, shown
from narrator.model import MAX_ANSWER_TOKENS, Failure, ModelFailedError

_WISHES: tuple[Mapping[str, object], ...] = (
    {"response_format": {"type": "json_schema", "json_schema": {"name": "account", "strict": True, "schema": FORMAT}}},
    {"response_format": {"type": "json_object", "schema": FORMAT}},
    {},
)
_REFUSALS = frozenset({400, 422, 500, 501})


class OpenAi:
    """``Model`` over an OpenAI-compatible interface."""

    def __init__(self, url: str, model: str, timeout_seconds: float, key: str = "") -> None:
        """Nothing is asked yet.

        Args:
            url: address of the interface; it usually ends with ``/v1``.
            model: as the server names it.
            timeout_seconds: limit of one question, from the connection to the last byte.
            key: sent as bearer token; '' sends none.
        """
        headers = {"Authorization": f"Bearer {key}"} if key else None
        self._exchange, self._model = HttpExchange(url, timeout_seconds, headers), model
        self._first_wish = 0

    @property
    def name(self) -> str:
        """See ``Model``."""
        return self._model

    def warm_up(self) -> None:
        """See ``Model``. Such a server loads its model when it starts."""

    def ask(self, system: str, user: str) -> str:
        """See ``Model``."""
        choice = self._choice([{"role": "system", "content": system}, {"role": "user", "content": user}])
        return content(choice, "an answer of the OpenAI interface", ended_because="finish_reason")

    def abandon(self) -> None:
        """See ``Model``."""
        self._exchange.abandon()

    def _choice(self, messages: list[dict[str, str]]) -> Any:  # noqa: ANN401 - decoded JSON
        request = {"model": self._model, "messages": messages, "temperature": 0, "max_tokens": MAX_ANSWER_TOKENS}
        for wish in range(self._first_wish, len(_WISHES)):
            status, payload = self._exchange.post("/chat/completions", {**request, **_WISHES[wish]})
            if not _refuses_wish(status, payload):
                break
        if status != 200:
            raise failed(status, payload)
        self._first_wish = wish
        response = decoded(payload)
        try:
            return response["choices"][0]
        except (KeyError, IndexError, TypeError) as error:
            detail = f"not an answer of the OpenAI interface: {shown(payload)}"
            raise ModelFailedError(Failure.INVALID_ANSWER, detail) from error


def _refuses_wish(status: int, payload: bytes) -> bool:
    """Whether a server does not know the wished format; llama-cpp-python says so with 500."""
    return status in _REFUSALS and any(word in payload for word in (b"response_format", b"json_schema", b"json_object"))
