"""Contract: the topic ``raw_events`` as a replay sees it, and its in-memory twin for tests.

Values are spread evenly over the partitions, one after the other, without a key.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, TypeVar

from contracts.topics import RAW_EVENTS
from runtime.memory import MemoryCluster

T = TypeVar("T")

IN_STEP = timedelta(seconds=5)
"""At full speed so much of the events' time is acknowledged before more is sent, so that no partition drifts further
ahead of another one. Stream time is the newest event of any partition; half of the disorder that the detector allows
for is left to the events themselves."""


class RawEvents(Protocol):
    """The topic, as a replay sees it."""

    def send(self, values: Sequence[bytes | None]) -> None:
        """Queue values. Blocks while the queue is full; none at all is allowed and only serves the connection.

        Raises:
            PublishError: values queued earlier were refused or not acknowledged in time; there is no use in going on.
        """
        ...

    def flush(self) -> None:
        """Block until every value is acknowledged by all replicas.

        Raises:
            PublishError: saying how many were not, in the time that is allowed.
        """
        ...


class Lanes:
    """Deals values out to partitions in turn, and remembers between calls whose turn it is."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._next = 0

    def deal(self, values: Sequence[T]) -> list[Sequence[T]]:
        """Return the values of each partition, in order."""
        count = self._partitions
        lanes = [values[(partition - self._next) % count :: count] for partition in range(count)]
        self._next = (self._next + len(values)) % count
        return lanes


class MemoryRawEvents:
    """``RawEvents`` in a ``MemoryCluster``."""

    def __init__(self, cluster: MemoryCluster) -> None:
        self._cluster = cluster
        self._sources = cluster.partitions(RAW_EVENTS.name)
        self._lanes = Lanes(len(self._sources))

    def send(self, values: Sequence[bytes | None]) -> None:
        """See ``RawEvents``."""
        for source, lane in zip(self._sources, self._lanes.deal(values), strict=True):
            for value in lane:
                self._cluster.append(source, None, value)

    def flush(self) -> None:
        """See ``RawEvents``."""
