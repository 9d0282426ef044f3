"""The live loop: sends what is due, says how far it is behind, and skips what a pause of the machine left undone."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from contracts.times import from_epoch_ms, to_rfc3339
from generator.account import Message
from generator.live.delivery import Delivery
from generator.live.instruments import Instruments
from generator.live.minutely import Minutely
from generator.live.traffic import Traffic

TICK_SECONDS = 0.1
BEHIND_WARNING = timedelta(seconds=2)
LONGEST_BEHIND = timedelta(seconds=60)
"""Who is further behind, after a pause of the machine, goes on in the present."""

_MILLISECOND = timedelta(milliseconds=1)

logger = logging.getLogger(__name__)


class LiveLoop:
    """Sends the traffic as its time comes."""

    def __init__(
        self,
        traffic: Traffic,
        delivery: Delivery,
        instruments: Instruments,
        now: Callable[[], datetime],
        warnings: Minutely | None = None,
    ) -> None:
        self._traffic, self._delivery, self._instruments, self._now = traffic, delivery, instruments, now
        self._warnings = Minutely() if warnings is None else warnings

    def run(self, wait: Callable[[float], bool]) -> None:
        """Send until ``wait``, which waits for a number of seconds, says to stop."""
        while not wait(self.step()):
            pass

    def step(self) -> float:
        """Send at most one stretch of what is due; return after how many seconds to go on."""
        self._delivery.send(self._due())
        left = self._behind()
        self._instruments.behind_seconds = max(0.0, left.total_seconds())
        if left > BEHIND_WARNING and self._warnings.due():
            logger.warning(
                "this machine does not make events as fast as GENERATOR_RATE asks",
                extra={"behind_seconds": left.total_seconds()},
            )
        return 0.0 if left.total_seconds() > TICK_SECONDS else TICK_SECONDS

    def problem(self) -> str | None:
        """Say why nothing is sent although there is a broker, or None when all is well."""
        ahead = -self._behind()
        if ahead < LONGEST_BEHIND:
            return None
        again = to_rfc3339(from_epoch_ms(self._traffic.at_ms))
        return f"the clock was set back by {ahead.total_seconds():.0f} s; traffic goes on at {again}"

    def _behind(self) -> timedelta:
        return self._now() - from_epoch_ms(self._traffic.at_ms)

    def _due(self) -> list[Message]:
        behind = self._behind()
        if behind > LONGEST_BEHIND:
            logger.warning(
                "skipping to the present: there is no traffic for the time in between",
                extra={"skipped_seconds": round(behind.total_seconds(), 3)},
            )
            return self._traffic.skip(self._traffic.at_ms + behind // _MILLISECOND)
        if behind < _MILLISECOND:
            return []
        return self._traffic.advance(self._traffic.at_ms + min(behind // _MILLISECOND, self._traffic.stretch_ms))
