"""What the job knows about itself: for ``/health`` and ``/metrics`` of its process."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from contracts.metrics import CONSUMER_LAG, FRESHNESS, STREAM_TIME, TRIGGER_INTERVAL
from contracts.topics import RAW_EVENTS
from runtime.families import gauge
from streaming.accounting import Books


@dataclass
class JobState:
    """Written by the job's threads, read by HTTP threads.

    ``lag_records`` is None until the end of the topic is known. ``nothing_older_waits`` is a moment that every record
    still to be read came after: the broker's time of the last record read, or when the job was last seen caught up.
    """

    trigger_seconds: float
    reason_unhealthy: str | None = "the job has not started yet"
    stream_time: datetime | None = None
    positions: dict[int, int] = field(default_factory=dict)
    lag_records: int | None = None
    nothing_older_waits: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take_books(self, books: Books) -> None:
        """Note how far a batch came."""
        with self._lock:
            self.positions = {partition: end for partition, (_, end) in books.offsets.items()}
            if books.max_event_time is not None:
                self.stream_time = _later(self.stream_time, books.max_event_time)
            self.nothing_older_waits = _later(self.nothing_older_waits, books.newest_record_time)

    def take_ends(self, ends: dict[int, int], now: datetime) -> None:
        """Note where the partitions of the topic end."""
        with self._lock:
            self.lag_records = sum(max(0, end - self.positions.get(partition, 0)) for partition, end in ends.items())
            if self.lag_records == 0:
                self.nothing_older_waits = now

    def freshness_seconds(self, now: datetime) -> float | None:
        """Return the age of the oldest record that waits, in seconds; 0 when caught up, None when not known."""
        with self._lock:
            if self.lag_records is None or (self.lag_records > 0 and self.nothing_older_waits is None):
                return None
            if self.lag_records == 0 or self.nothing_older_waits is None:
                return 0.0
            return max(0.0, (now - self.nothing_older_waits).total_seconds())


def _later(known: datetime | None, moment: datetime) -> datetime:
    return moment if known is None else max(known, moment)


class JobCollector(Collector):
    """Exposes a ``JobState``; what is not known is absent."""

    def __init__(self, state: JobState, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def collect(self) -> Iterable[Family]:
        """Return the gauges of this moment."""
        state = self._state
        yield gauge(TRIGGER_INTERVAL, {(): state.trigger_seconds})
        yield gauge(FRESHNESS, {(): state.freshness_seconds(self._clock())})
        yield gauge(CONSUMER_LAG, {(RAW_EVENTS.name, "streaming"): state.lag_records})
        yield gauge(STREAM_TIME, {("streaming",): None if state.stream_time is None else state.stream_time.timestamp()})
