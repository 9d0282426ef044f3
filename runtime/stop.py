"""Stopping: SIGTERM and Ctrl-C ask a service to finish its unit of work and end."""

import logging
import signal
import threading
from types import FrameType

logger = logging.getLogger(__name__)


def stop_on_signals(stop: threading.Event) -> None:
    """Let SIGTERM and SIGINT set an event. Call it in the main thread, again after a library took the signals."""

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        logger.info("stopping after the current unit of work", extra={"signal": signal.Signals(number).name})
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
