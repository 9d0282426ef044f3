"""A server on loopback that speaks the OpenAI interface's ``POST /chat/completions``, and misbehaves when told to."""

import json
from typing import Any

from tests.fast.narrator.ollama_twin import OllamaTwin, Response, answer


def says(content: str | None, *, finish_reason: str = "stop") -> Response:
    """Answer with this text, in the documented form."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": None}
    usage = {"prompt_tokens": 900, "completion_tokens": 150, "total_tokens": 1050}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }
    return Response(200, json.dumps(body).encode())


def fails(status: int, message: str) -> Response:
    """Answer with a status and the documented form of an error."""
    error = {"message": message, "type": "error", "param": None, "code": status}
    return Response(status, json.dumps({"error": error}).encode())


class OpenAiTwin(OllamaTwin):
    """As ``OllamaTwin``. ``known_formats`` are the types of ``response_format`` that it does not refuse."""

    def __init__(self, *responses: Response) -> None:
        super().__init__(*(responses or (says(answer()),)))
        self.known_formats = {"json_schema", "json_object"}
        self.refusal_status = 400

    def respond(self, path: str, body: dict[str, Any]) -> Response:
        """Take a request and return its response."""
        wished = body.get("response_format", {}).get("type")
        if wished is not None and wished not in self.known_formats:
            return fails(self.refusal_status, f"response_format: Input should be 'text', input: {wished}")
        self.requests.append((path, body))
        response = self.next()
        self.asked.set()
        return response
