"""Dead letters keep how a message began, whatever its bytes."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.records import DeadLetter
from streaming.letters import MAX_CONTENT_BYTES, RejectedMessage, dead_letter

MESSAGE = RejectedMessage("raw_events", 2, 7, datetime(2026, 1, 1, tzinfo=UTC), "invalid_json", b"not json", 8, "ab")


def test_text_stays_text() -> None:
    letter = dead_letter(MESSAGE)
    assert (letter.key, letter.encoding, letter.content) == ("raw_events-2-7", "utf-8", "not json")


def test_other_bytes_become_base64() -> None:
    letter = dead_letter(replace(MESSAGE, head=b"\xff\x00", size_bytes=2))
    assert (letter.encoding, base64.b64decode(letter.content)) == ("base64", b"\xff\x00")


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_character_that_the_limit_cuts_is_left_out(cut: int) -> None:
    head = ("x" * 10 + "😀").encode()[:-cut]
    letter = dead_letter(replace(MESSAGE, head=head, size_bytes=900_000))
    assert (letter.encoding, letter.content) == ("utf-8", "x" * 10)


def test_the_worst_content_is_within_the_size_limit() -> None:
    head = b"\x00" * MAX_CONTENT_BYTES
    letter = dead_letter(replace(MESSAGE, head=head, size_bytes=len(head)))
    assert DeadLetter.decode(letter.encode()) == letter
