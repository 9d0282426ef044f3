"""Disturbances: what can go wrong with events on their way, and how much of it a replay is to mix in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disturbances:
    """What to mix in.

    ``duplicates`` and ``broken`` are shares of the good events, ``future`` and ``late`` numbers of events. Good events
    are held back by up to ``disorder_seconds``, duplicates by up to ``repeat_within_seconds`` more, both on the
    recording's clock; together they must stay below the stack's watermark delay, or what is to be a duplicate is late.
    """

    duplicates: float = 0.0
    broken: float = 0.0
    disorder_seconds: float = 0.0
    future: int = 0
    late: int = 0
    repeat_within_seconds: float = 300.0
    seed: int = 1

    @property
    def any_in_stream(self) -> bool:
        """Whether anything but late events is mixed in."""
        return any((self.duplicates, self.broken, self.disorder_seconds, self.future))
