"""``/metrics`` after a start: figures of services and of their faults are shown once they are those of the present.

While a store is being filled with what happened in the meantime, its counters run through hours within seconds. To
Prometheus that would be a surge of traffic at the time of the start, in place of the past in which it happened.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from exporters.snapshot import Snapshot
from exporters.store.figures import Figures

CAUGHT_UP = timedelta(seconds=20)
"""Stream time that is so close to the clock is the present."""
PATIENCE = timedelta(minutes=5)
"""When stream time has come no closer for so long, it is as close as it gets: without traffic it stands still."""
BRIEFLY = timedelta(seconds=30)
"""A process that finds a micro-batch so young was killed and started again: there is nothing to catch up with."""
SCRAPE_TIMEOUT = timedelta(seconds=10)
"""A scrape that is answered now may have been stamped so much earlier (Prometheus' default)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The snapshot with which figures of services began to be shown, and the time before which no scrape has them."""

    until: datetime
    snapshot: Snapshot


class CatchUp:
    """Decides from when on services are shown; asked at each scrape, from any thread."""

    def __init__(self, snapshot: Callable[[], Snapshot], now: Callable[[], datetime]) -> None:
        self._snapshot, self._now = snapshot, now
        self._lock = threading.Lock()
        self._shown: Shown | None = None
        self._was_away: bool | None = None
        self._closest: timedelta | None = None
        self._closest_at: datetime | None = None

    def snapshot(self) -> Snapshot:
        """Return the newest snapshot, without figures of services before they are those of the present."""
        snapshot, now = self._snapshot(), self._now()
        if self._decided(snapshot, now) is not None or not self._was_away:
            return snapshot
        figures = Figures(counters=snapshot.figures.counters, newest_batch_at=snapshot.figures.newest_batch_at)
        return replace(snapshot, figures=figures)

    def shown(self) -> Shown | None:
        """Return when and with what services began to be shown; None before."""
        return self._decided(self._snapshot(), self._now())

    def _decided(self, snapshot: Snapshot, now: datetime) -> Shown | None:
        with self._lock:
            if self._was_away is None:
                batch_at = snapshot.figures.newest_batch_at
                self._was_away = batch_at is None or now - batch_at > BRIEFLY
            if self._shown is None and self._is_present(snapshot, now):
                self._shown = Shown(now - SCRAPE_TIMEOUT, snapshot)
            return self._shown

    def _is_present(self, snapshot: Snapshot, now: datetime) -> bool:
        if snapshot.stream_time is not None:
            behind = now - snapshot.stream_time
            if behind <= CAUGHT_UP or not self._was_away:
                return True
            if self._closest is None or behind < self._closest:
                self._closest, self._closest_at = behind, now
        self._closest_at = self._closest_at or now
        return now - self._closest_at >= PATIENCE
