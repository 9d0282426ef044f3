"""From topic records to the engine: decoded, merged, and judged where a batch's end lets stream time advance."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from contracts.anomalies import Anomaly
from contracts.records import BatchEnd, MalformedRecordError, UtcTime, WindowUpdate
from detector.decoding import decode
from detector.engine import Engine
from detector.open_episodes import JUDGING_DELAY
from detector.stream_clock import StreamClock
from detector.windows import WindowCounts
from runtime.topic_log import Message, TopicPartition

logger = logging.getLogger(__name__)


class PartitionPosition(NamedTuple):
    """Where to go on in a partition, and the newest event time before it; None before the first."""

    next_offset: int
    max_event_time: UtcTime | None


Positions = Mapping[TopicPartition, PartitionPosition]


def counts_of(update: WindowUpdate) -> WindowCounts:
    """Return what the engine takes in of a record."""
    buckets = [bucket[:3] for bucket in update.buckets]
    return WindowCounts(update.window_start, update.service, update.endpoint, buckets, update.arrivals)


class Reading:
    """One cluster's records on their way into the engine.

    What a window holds is settled by each partition alone: counts that come after a batch's end which closed the window
    in their partition are late. So it makes no difference in which order partitions are read.
    """

    def __init__(
        self, engine: Engine, cluster_id: str, partitions: Iterable[TopicPartition], positions: Positions
    ) -> None:
        self.engine, self.cluster_id = engine, cluster_id
        self._clock = StreamClock(partitions, {source: at.max_event_time for source, at in positions.items()})
        self._next = {source: at.next_offset for source, at in positions.items()}
        self._outcomes: Counter[str] = Counter()

    @property
    def stream_time(self) -> datetime | None:
        """Stream time; None until every partition has ended a batch with events."""
        return self._clock.now

    def positions(self) -> dict[TopicPartition, PartitionPosition]:
        """Return the positions that fit the engine's state; partitions that were never read are absent."""
        return {source: PartitionPosition(at, self._clock.time_of(source)) for source, at in self._next.items()}

    def take_outcomes(self) -> Counter[str]:
        """Return the number of records by outcome, applied, late or malformed, since the last call."""
        outcomes, self._outcomes = self._outcomes, Counter()
        return outcomes

    def take(self, messages: Iterable[Message]) -> list[Anomaly]:
        """Take in messages, in order within a partition; return the anomalies that changed, in order."""
        changed: list[Anomaly] = []
        for message in messages:
            try:
                record = decode(message.value)
            except MalformedRecordError as error:
                self._refuse(message, error)
            else:
                changed += self._apply(message.source, record)
            self._next[message.source] = message.offset + 1
        return changed

    def _apply(self, source: TopicPartition, record: WindowUpdate | BatchEnd) -> list[Anomaly]:
        if isinstance(record, WindowUpdate):
            self._outcomes["applied" if self._add(source, record) else "late"] += 1
            return []
        self._outcomes["applied"] += 1
        self._clock.advance(source, record.max_event_time)
        stream_time = self._clock.now
        return [] if stream_time is None else self.engine.advance(stream_time)

    def _add(self, source: TopicPartition, update: WindowUpdate) -> bool:
        reached = self._clock.time_of(source)
        in_time = reached is None or reached < update.window_end + JUDGING_DELAY
        if in_time and self.engine.add(counts_of(update)):
            return True
        logger.debug(
            "counts of a window that is judged already change nothing",
            extra={"window_start": update.window_start, "service_name": update.service, "endpoint": update.endpoint},
        )
        return False

    def _refuse(self, message: Message, error: MalformedRecordError) -> None:
        self._outcomes["malformed"] += 1
        logger.warning(
            "a record is not of this topic's form and was skipped",
            extra={**message.source._asdict(), "offset": message.offset, "error": str(error)},
        )
