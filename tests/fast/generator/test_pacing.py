"""Pacing, on a clock of the test's own."""

from collections.abc import Iterable
from itertools import chain, pairwise

import pytest

from generator.account import Kind, Message
from generator.pacing import LONGEST_WAIT_SECONDS, PORTION, SHORTEST_WAIT_SECONDS, Pace

ORIGIN_MS = 5_000


class Clock:
    """Time that passes only by waiting; a wait at or after ``stop_at`` seconds says to stop."""

    def __init__(self, stop_at: float = float("inf")) -> None:
        self.now = 100.0
        self._stop_at = 100.0 + stop_at

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return self.now >= self._stop_at


def messages_at(*milliseconds: int) -> list[Message]:
    return [Message(ORIGIN_MS + moment, b"", Kind.GOOD) for moment in milliseconds]


def handed_out(messages: Iterable[Message], speed: float | None, clock: Clock) -> list[tuple[float, int]]:
    pace = Pace(speed, ORIGIN_MS, clock.wait, clock)
    return [(clock.now - 100.0, len(portion)) for portion in pace.portions(messages)]


@pytest.mark.parametrize("speed", [1.0, 10.0, 1000.0])
def test_a_message_leaves_when_it_is_due_and_never_early(speed: float) -> None:
    clock = Clock()
    messages = messages_at(0, 20, 500, 501, 9_000, 60_000)
    for portion in Pace(speed, ORIGIN_MS, clock.wait, clock).portions(messages):
        for message in portion:
            lateness = clock.now - 100.0 - (message.leaves_ms - ORIGIN_MS) / 1000 / speed
            assert -1e-9 <= lateness <= SHORTEST_WAIT_SECONDS + 1e-9


def test_at_full_speed_nothing_waits_and_portions_are_limited() -> None:
    clock = Clock()
    assert handed_out(messages_at(*range(0, PORTION * 1000 + 1, 1000)), None, clock) == [(0.0, PORTION), (0.0, 1)]


def test_a_long_gap_is_waited_for_in_steps() -> None:
    portions = handed_out(messages_at(0, 10_000), 1.0, Clock())
    assert [size for _, size in portions] == [1, *[0] * 9, 1]
    assert max(b - a for (a, _), (b, _) in pairwise(portions)) <= LONGEST_WAIT_SECONDS


def test_who_is_behind_sends_in_portions_without_waiting() -> None:
    clock = Clock()
    portions = handed_out(messages_at(*range(-PORTION - 10, 0)), 1.0, clock)
    assert portions == [(0.0, PORTION), (0.0, 10)]


@pytest.mark.parametrize("speed", [None, 1.0])
def test_nothing_is_handed_out_after_the_stop(speed: float | None) -> None:
    assert sum(size for _, size in handed_out(messages_at(0, 10_000), speed, Clock(stop_at=0.0))) <= 1


def test_a_stop_in_a_gap_keeps_what_is_not_due() -> None:
    portions = handed_out(messages_at(0, 100, 10_000), 1.0, Clock(stop_at=3.0))
    assert sum(size for _, size in portions) == 2


def test_every_message_is_handed_out_once_and_in_order() -> None:
    clock = Clock()
    messages = messages_at(*range(0, 30_000, 7))
    assert list(chain.from_iterable(Pace(50.0, ORIGIN_MS, clock.wait, clock).portions(messages))) == messages
