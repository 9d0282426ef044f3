"""The corpus: raw messages with the verdict that every reader of ``raw_events`` must reach.

A line of ``corpus.jsonl`` has ``name``, ``verdict`` (``ok`` or a reason) and either ``message`` (text, or null for a
record without a value) or ``message_base64``. ``fill`` puts that many letters in the place of ``@``.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Case:
    """One raw message and its verdict."""

    name: str
    message: bytes | None
    verdict: str


def _case(line: str) -> Case:
    fields = json.loads(line)
    if "message_base64" in fields:
        message: bytes | None = base64.b64decode(fields["message_base64"])
    elif fields["message"] is None:
        message = None
    else:
        message = fields["message"].replace("@", "x" * fields.get("fill", 1)).encode("utf-8")
    return Case(fields["name"], message, fields["verdict"])


CASES: tuple[Case, ...] = tuple(
    _case(line) for line in Path(__file__).with_name("corpus.jsonl").read_text(encoding="utf-8").splitlines()
)
