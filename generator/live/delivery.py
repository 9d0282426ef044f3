"""Contract: how live messages get to ``raw_events``, and its in-memory twin for tests.

Live traffic does not wait for a broker: a message is kept for a limited time, and counted when it is acknowledged or
given up.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from generator.account import Message
from generator.live.instruments import Instruments
from generator.producer import DELIVERY_TIMEOUT_SECONDS
from generator.raw_events import MemoryRawEvents
from runtime.memory import MemoryCluster

QUEUE_MESSAGES = 100_000
"""Most messages that are kept for a broker that is away."""


class Delivery(Protocol):
    """The way to the topic. Values are spread evenly over the partitions, without a key."""

    def send(self, messages: Sequence[Message]) -> None:
        """Queue messages. Does not block or raise: what the queue does not take counts as failed."""
        ...

    def settle(self, timeout_seconds: float) -> bool:
        """Wait until every message is acknowledged or given up; say whether it came to that in time."""
        ...

    def problem(self) -> str | None:
        """Say why messages do not arrive, or None when they do."""
        ...

    def close(self) -> None:
        """Wait a short while for what is under way, and give up the rest. May be called twice."""
        ...


class MemoryDelivery:
    """``Delivery`` into a ``MemoryCluster``; what it cannot deliver waits until it is asked again."""

    def __init__(
        self, cluster: MemoryCluster, instruments: Instruments, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._cluster, self._instruments, self._clock = cluster, instruments, clock
        self._topic = MemoryRawEvents(cluster)
        self._waiting: list[tuple[float, Message]] = []

    def send(self, messages: Sequence[Message]) -> None:
        """See ``Delivery``."""
        self._waiting += [(self._clock(), message) for message in messages]
        self._serve()

    def settle(self, timeout_seconds: float) -> bool:
        """See ``Delivery``; never waits."""
        self._serve()
        return not self._waiting

    def problem(self) -> str | None:
        """See ``Delivery``."""
        return None if self._cluster.available else "the memory cluster is switched off"

    def close(self) -> None:
        """See ``Delivery``."""
        self._give_up_until(self._clock())

    def _serve(self) -> None:
        if not self._cluster.available:
            self._give_up_until(self._clock() - DELIVERY_TIMEOUT_SECONDS)
            return
        messages = [message for _, message in self._waiting]
        self._waiting = []
        self._topic.send([message.value for message in messages])
        self._instruments.count_acknowledged(Counter(message.kind for message in messages))

    def _give_up_until(self, moment: float) -> None:
        kept = [each for each in self._waiting if each[0] > moment]
        self._instruments.count_failed(len(self._waiting) - len(kept))
        self._waiting = kept
