"""Faults by chance: which ones a seed has in store for a service, day by day in UTC."""

from collections.abc import Iterator
from functools import lru_cache
from random import Random
from typing import Protocol

from contracts.anomalies import AnomalyType
from generator.live.faults import Fault, typical_magnitude
from generator.live.rhythm import DAY_MINUTES, MINUTE_MS

SHORTEST_MS, LONGEST_MS = 2 * MINUTE_MS, 5 * MINUTE_MS
"""Faults by chance last between 2 and 5 minutes."""

_DAY_MS = DAY_MINUTES * MINUTE_MS
_KINDS = tuple(AnomalyType)


class Plan(Protocol):
    """Says which faults are to come."""

    def between(self, service: str, from_ms: int, until_ms: int) -> list[Fault]:
        """Return the faults of a service that begin in [from, until), in milliseconds since 1970 UTC, in order."""
        ...


class Chance:
    """A plan by chance: in a minute in which no fault runs, one begins with a given probability.

    A day is planned as a whole, and no fault crosses midnight: what a service has in store does not depend on when
    somebody began to look.
    """

    def __init__(self, seed: int, probability: float) -> None:
        self._seed = seed
        self._probability = probability
        self._day = lru_cache(maxsize=64)(self._plan_day)

    def between(self, service: str, from_ms: int, until_ms: int) -> list[Fault]:
        """See ``Plan``."""
        days = range(from_ms // _DAY_MS, (until_ms - 1) // _DAY_MS + 1)
        return [
            fault for day in days for fault in self._day(service, day) if from_ms <= fault.start_ms < until_ms
        ]  # fmt: skip

    def _plan_day(self, service: str, day: int) -> tuple[Fault, ...]:
        end_ms = (day + 1) * _DAY_MS
        planned: list[Fault] = []
        for fault in self._candidates(service, day):
            free_ms = planned[-1].end_ms if planned else 0
            if fault.start_ms >= free_ms and fault.end_ms <= end_ms:
                planned.append(fault)
        return tuple(planned)

    def _candidates(self, service: str, day: int) -> Iterator[Fault]:
        luck = Random(f"{self._seed}-{service}-faults-{day}")  # noqa: S311 - has to repeat itself
        for minute in range(day * DAY_MINUTES, (day + 1) * DAY_MINUTES):
            if luck.random() < self._probability:
                start_ms = minute * MINUTE_MS + luck.randrange(MINUTE_MS)
                length_ms = luck.randint(SHORTEST_MS, LONGEST_MS)
                kind = luck.choice(_KINDS)
                magnitude = typical_magnitude(kind, luck)
                yield Fault(service, kind, start_ms, start_ms, start_ms + length_ms, magnitude, "chance")
