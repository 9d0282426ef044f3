"""The command ``replay``: from options to an exit status."""

import logging
import sys
import threading
from collections.abc import Callable
from datetime import datetime

from contracts.times import utc_now
from generator.arguments import ReplayOptions
from generator.pacing import Pace
from generator.progress import Progress
from generator.raw_events import RawEvents
from generator.recording import Recording, open_recording
from generator.recording_file import RecordingError
from generator.replay import Replay
from generator.report import NEXT_STEP, account_table
from generator.timeline import ReplayRefusedError, refuse_on_live_stack, shift_ms
from runtime.topic_log import BrokerUnavailableError, PublishError

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""

logger = logging.getLogger(__name__)


class ReplayCommand:
    """Runs a replay and says on standard output what was sent."""

    def __init__(
        self,
        connect: Callable[[], RawEvents],
        watch_for_stop: Callable[[], threading.Event],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Prepare.

        Args:
            connect: returns the topic, or raises BrokerUnavailableError.
            watch_for_stop: called when sending starts; returns the event that ends it early.
            clock: the time in UTC.
        """
        self._connect = connect
        self._watch_for_stop = watch_for_stop
        self._clock = clock

    def run(self, options: ReplayOptions) -> int:
        """Replay and return the exit status; a mistake is explained on standard error."""
        try:
            return self._send(options, *self._prepare(options))
        except (RecordingError, ReplayRefusedError) as error:
            return _explain(REFUSED, str(error))
        except BrokerUnavailableError as error:
            return _explain(FAILED, f"{error}. Start the stack, or name its broker with --broker or KAFKA_BROKER.")

    def _prepare(self, options: ReplayOptions) -> tuple[Replay, RawEvents]:
        if not options.isolated:
            refuse_on_live_stack(options.times, options.speed)
        recording = _opened(options)
        raw_events = self._connect()
        now = self._clock()
        shift = shift_ms(recording, options.times, options.speed, now)
        return Replay(recording, options.disturbances, shift, now), raw_events

    def _send(self, options: ReplayOptions, replay: Replay, raw_events: RawEvents) -> int:
        stop = self._watch_for_stop()
        try:
            _send_all(options, replay, raw_events, stop)
        except PublishError as error:
            sys.stdout.write(account_table(replay.sent))
            return _explain(FAILED, f"{error}. Replay again when the broker is well: events keep their identities.")
        sys.stdout.write(account_table(replay.sent))
        if stop.is_set():
            return _explain(INTERRUPTED, "Stopped early. What is above was sent and acknowledged.")
        sys.stdout.write(NEXT_STEP)
        return DONE


def _opened(options: ReplayOptions) -> Recording:
    recording = open_recording(options.file)
    if not recording.in_order:
        logger.warning("the recording is not sorted by ts_ms; sorting it in memory", extra={"file": str(options.file)})
    return recording


def _send_all(options: ReplayOptions, replay: Replay, raw_events: RawEvents, stop: threading.Event) -> None:
    progress = Progress(sys.stderr)
    try:
        replay.send(raw_events, Pace(options.speed, replay.origin_ms, stop.wait), progress.report)
    finally:
        progress.close()
    if options.disturbances.late and not stop.wait(options.late_after_seconds):
        replay.send_late(raw_events)


def _explain(status: int, what: str) -> int:
    sys.stderr.write(f"{what}\n")
    return status
