"""The two ways to a model, each with the server that stands in for its own."""

from collections.abc import Callable
from dataclasses import dataclass

from narrator.model import Model
from narrator.ollama import Ollama
from narrator.openai import OpenAi
from tests.fast.narrator import ollama_twin, openai_twin
from tests.fast.narrator.ollama_twin import OllamaTwin, Response


@dataclass(frozen=True)
class Backend:
    """A client, its twin, and how the twin speaks."""

    twin: Callable[[], OllamaTwin]
    client: Callable[[str, str, float], Model]
    says: Callable[[str], Response]
    fails: Callable[[int, str], Response]
    cut_off: Callable[[str], Response]
    no_content: bytes


def _ollama_cut_off(text: str) -> Response:
    return Response(200, ollama_twin.says(text).body.replace(b'"stop"', b'"length"'))


BACKENDS = {
    "ollama": Backend(
        OllamaTwin, Ollama, ollama_twin.says, ollama_twin.fails, _ollama_cut_off, b'{"message": {"content": 5}}'
    ),
    "openai": Backend(
        openai_twin.OpenAiTwin,
        lambda url, model, seconds: OpenAi(f"{url}/v1", model, seconds),
        openai_twin.says,
        openai_twin.fails,
        lambda text: openai_twin.says(text, finish_reason="length"),
        b'{"choices": [{"message": {"content": null}}]}',
    ),
}
