"""Backfill: the traffic of the time before live traffic starts, at full speed."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from contracts.times import from_epoch_ms, to_epoch_ms, to_rfc3339
from generator.live.delivery import Delivery
from generator.live.traffic import Traffic
from generator.producer import DELIVERY_TIMEOUT_SECONDS
from generator.raw_events import IN_STEP

CLOSE_TO_NOW = timedelta(seconds=1)
"""Live traffic takes over when so much is left."""

PROGRESS_SECONDS = 2.0
_WAIT_SECONDS = 0.1
_MILLISECOND = timedelta(milliseconds=1)

logger = logging.getLogger(__name__)


def backfill_start(now: datetime, span: timedelta, newest: datetime | None) -> datetime:
    """Return from when on to fill: ``span`` before now, or after the newest event that is there, if that is later."""
    earliest = now - span
    return earliest if newest is None else max(earliest, newest + _MILLISECOND)


class Backfill:
    """Sends the traffic from where it is up to the present. ``done_share`` says how much of it is sent."""

    def __init__(
        self, traffic: Traffic, delivery: Delivery, now: Callable[[], datetime], stopped: Callable[[], bool]
    ) -> None:
        self._traffic, self._delivery, self._now, self._stopped = traffic, delivery, now, stopped
        self._start_ms = traffic.at_ms
        self._sent = 0
        self._reported_at = now()

    @property
    def done_share(self) -> float:
        """How much of the time up to now is sent, from 0 to 1."""
        whole = to_epoch_ms(self._now()) - self._start_ms
        return 1.0 if whole <= 0 else min(1.0, (self._traffic.at_ms - self._start_ms) / whole)

    def run(self) -> None:
        """Send, and wait until everything is acknowledged or given up; ends early when it is stopped."""
        begun = self._now()
        logger.info("filling history", extra={"from": _text(self._start_ms), "to": to_rfc3339(begun)})
        self._catch_up()
        seconds = round((self._now() - begun).total_seconds(), 1)
        extra = {"messages": self._sent, "to": _text(self._traffic.at_ms), "seconds": seconds}
        logger.info("history was stopped early" if self._stopped() else "history is filled", extra=extra)

    def _catch_up(self) -> None:
        """Repeat for the time that passed meanwhile, as long as that becomes less."""
        before, left = None, self._left_ms()
        while left * _MILLISECOND > CLOSE_TO_NOW and (before is None or left < before) and not self._stopped():
            self._send_until(self._traffic.at_ms + left)
            before, left = left, self._left_ms()

    def _left_ms(self) -> int:
        return to_epoch_ms(self._now()) - self._traffic.at_ms

    def _send_until(self, until_ms: int) -> None:
        step_ms = min(self._traffic.stretch_ms, IN_STEP // _MILLISECOND)
        while self._traffic.at_ms < until_ms and not self._stopped():
            messages = self._traffic.advance(min(until_ms, self._traffic.at_ms + step_ms), in_order=True)
            self._delivery.send(messages)
            self._sent += len(messages)
            self._settle()
            self._report()

    def _settle(self) -> None:
        attempts = round((DELIVERY_TIMEOUT_SECONDS + 5) / _WAIT_SECONDS)
        while not self._delivery.settle(_WAIT_SECONDS) and attempts and not self._stopped():
            attempts -= 1

    def _report(self) -> None:
        if (self._now() - self._reported_at).total_seconds() >= PROGRESS_SECONDS:
            self._reported_at = self._now()
            logger.info("filling history", extra={"done": f"{self.done_share:.0%}", "messages": self._sent})


def _text(moment_ms: int) -> str:
    return to_rfc3339(from_epoch_ms(moment_ms))
