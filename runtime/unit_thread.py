"""Units of work in a thread of their own, so that the main thread is free to end the process in time."""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)


def run_until_stopped(
    work: Callable[[threading.Event], None], stop: threading.Event, last_unit_seconds: float = 3.0
) -> bool:
    """Let ``work`` run until ``stop`` is set and its unit of work is finished; whether nothing unforeseen ended it.

    Args:
        work: returns soon after the event it is given was set, unless a call to a broker that is away holds it up.
        stop: is set from outside; also when ``work`` fails, which is logged.
        last_unit_seconds: how long the last unit may take. One that takes longer is left, as in a crash.
    """
    failed = threading.Event()

    def run() -> None:
        try:
            work(stop)
        except Exception:
            logger.critical(
                "failed for a reason that is not known; please report it, and start it again", exc_info=True
            )
            failed.set()
            stop.set()

    thread = threading.Thread(target=run, name="work", daemon=True)
    thread.start()
    stop.wait()
    thread.join(last_unit_seconds)
    logger.info("ending in the middle of a call to the broker" if thread.is_alive() else "stopped")
    return not failed.is_set()
