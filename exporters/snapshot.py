"""What the sink has reached, as one immutable object that HTTP threads read without asking the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exporters.store.figures import Figures

STANDSTILL = timedelta(seconds=15)
"""A sink that has not polled for so long no longer vouches for being caught up."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after one unit of work; what is not known yet is None.

    ``lag`` is in records per topic, without the topics whose end is not known. ``applied_until`` is the time of the
    last applied record of the partition that is furthest behind.
    """

    polled_at: datetime | None = None
    caught_up_at: datetime | None = None
    applied_until: datetime | None = None
    stream_time: datetime | None = None
    lag: Mapping[str, int] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)

    def freshness_seconds(self, now: datetime) -> float | None:
        """Return the age of the oldest unprocessed record, at most; 0 when caught up, None before anything is known."""
        caught_up = self.caught_up_at is not None and self.caught_up_at == self.polled_at
        if caught_up and self.polled_at is not None and now - self.polled_at <= STANDSTILL:
            return 0.0
        known = [moment for moment in (self.caught_up_at, self.applied_until) if moment is not None]
        return max(0.0, (now - max(known)).total_seconds()) if known else None

    def seconds_since_batch(self, now: datetime) -> float | None:
        """Return how long ago the newest micro-batch ended, in seconds; None before the first."""
        ended_at = self.figures.newest_batch_at
        return None if ended_at is None else max(0.0, (now - ended_at).total_seconds())
