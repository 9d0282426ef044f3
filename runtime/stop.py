"""Stopping: SIGTERM and Ctrl-C ask a service to finish its unit of work and end."""

import logging
import signal
import threading
from types import FrameType

logger = logging.getLogger(__name__)


def stop_on_signals(stop: threading.Event | None = None) -> threading.Event:
    """Let SIGTERM and SIGINT set an event, a new one unless given, and return it.

    Call it in the main thread, and again after a library took the signals.
    """
    event = threading.Event() if stop is None else stop

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        logger.info("stopping after the current unit of work", extra={"signal": signal.Signals(number).name})
        event.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    return event
