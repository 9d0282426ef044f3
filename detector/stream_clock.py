"""Stream time over the partitions of a topic."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from runtime.topic_log import TopicPartition


class StreamClock:
    """The running maximum of event time in each partition; stream time is the minimum of these."""

    def __init__(
        self, partitions: Iterable[TopicPartition], times: Mapping[TopicPartition, datetime | None] | None = None
    ) -> None:
        known = {} if times is None else times
        self._times = {source: known.get(source) for source in partitions}

    @property
    def now(self) -> datetime | None:
        """Stream time; None until every partition has ended a batch with events."""
        reached = [time for time in self._times.values() if time is not None]
        return min(reached) if reached and len(reached) == len(self._times) else None

    def time_of(self, source: TopicPartition) -> datetime | None:
        """Return the running maximum in one partition, None before its first."""
        return self._times.get(source)

    def advance(self, source: TopicPartition, max_event_time: datetime | None) -> None:
        """Take in the end of a batch; one without events says nothing."""
        known = self._times.get(source)
        if max_event_time is not None and (known is None or known < max_event_time):
            self._times[source] = max_event_time
