"""Publishing what was injected, in a thread of its own: a broker that is away must not hold up the traffic."""

import logging
import threading
from collections.abc import Callable

from contracts.injections import Injection
from contracts.topics import INJECTIONS
from runtime.topic_log import BrokerUnavailableError, Publisher, PublishError

FLUSH_SECONDS = 10.0
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 1.0, 30.0
CLOSE_SECONDS = 2.0

logger = logging.getLogger(__name__)


class InjectionLog:
    """Writes records to the topic ``injections``, in order, each until it is acknowledged."""

    def __init__(self, connect: Callable[[], Publisher]) -> None:
        """Prepare; ``connect`` may raise BrokerUnavailableError and is tried again."""
        self._connect = connect
        self._publisher: Publisher | None = None
        self._waiting: list[Injection] = []
        self._lock = threading.Lock()
        self._changed, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="injections", daemon=True)
        self.problem: str | None = None

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def put(self, injection: Injection) -> None:
        """Take note of a record to be published. Never blocks."""
        with self._lock:
            self._waiting.append(injection)
        self._changed.set()

    def publish_waiting(self) -> bool:
        """Publish what waits; False when some of it was not acknowledged and waits on."""
        with self._lock:
            records = tuple(self._waiting)
        try:
            self._publish(records)
        except (BrokerUnavailableError, PublishError) as error:
            self._give_up_connection()
            self.problem = f"{len(records)} faults are not on the topic {INJECTIONS.name} yet: {error}"
            logger.warning("faults could not be published; trying again", extra={"error": str(error)})
            return False
        with self._lock:
            del self._waiting[: len(records)]
        self.problem = None
        return True

    def close(self) -> None:
        """Publish what waits, in a short time, and end."""
        self._closing.set()
        self._changed.set()
        self._thread.join(CLOSE_SECONDS)
        if self._waiting:
            logger.warning("faults were not published", extra={"records": len(self._waiting)})

    def _run(self) -> None:
        while not self._closing.is_set():
            self._changed.wait()
            self._changed.clear()
            self._publish_patiently()
        self._give_up_connection()

    def _publish_patiently(self) -> None:
        backoff = FIRST_BACKOFF_SECONDS
        while not self.publish_waiting() and not self._closing.wait(backoff):
            backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)

    def _publish(self, records: tuple[Injection, ...]) -> None:
        if not records:
            return
        if self._publisher is None:
            self._publisher = self._connect()
        for record in records:
            self._publisher.publish(INJECTIONS.name, record.encode(), key=record.injection_id)
        self._publisher.flush(FLUSH_SECONDS)

    def _give_up_connection(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
