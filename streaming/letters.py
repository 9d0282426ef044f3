"""Turns a rejected message into its dead letter."""

import base64
from dataclasses import dataclass
from datetime import datetime

from contracts.records import DeadLetter

MAX_CONTENT_BYTES = 64 * 1024
"""How much of a rejected message, in bytes, its dead letter keeps."""

_LONGEST_CHARACTER = 4


@dataclass(frozen=True, slots=True)
class RejectedMessage:
    """A message that is not counted: its position, its first ``MAX_CONTENT_BYTES`` bytes, and why."""

    topic: str
    partition: int
    offset: int
    received_at: datetime
    reason: str
    head: bytes
    size_bytes: int
    sha256: str


def dead_letter(message: RejectedMessage) -> DeadLetter:
    """Return the letter: the text where the bytes are UTF-8, else base64."""
    text = _text(message.head, complete=message.size_bytes <= len(message.head))
    return DeadLetter(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        reason=message.reason,
        received_at=message.received_at,
        encoding="base64" if text is None else "utf-8",
        content=base64.b64encode(message.head).decode("ascii") if text is None else text,
        size_bytes=message.size_bytes,
        sha256=message.sha256,
    )


def _text(head: bytes, *, complete: bool) -> str | None:
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_in_a_character = not complete and error.start >= len(head) - _LONGEST_CHARACTER + 1
        return head[: error.start].decode("utf-8") if cut_in_a_character else None
