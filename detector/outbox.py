"""Anomalies on their way to the topic: kept until the broker has acknowledged every one of them."""

from collections.abc import Callable, Iterable
from datetime import datetime

from contracts.anomalies import Anomaly
from contracts.topics import ANOMALIES
from runtime.topic_log import Publisher, PublishError

FLUSH_TIMEOUT_SECONDS = 10.0


class Outbox:
    """Publishes in order. After a failure everything that waits is published again, on a new connection."""

    def __init__(self, connect: Callable[[], Publisher], now: Callable[[], datetime]) -> None:
        self._connect, self._now = connect, now
        self._publisher: Publisher | None = None
        self._waiting: list[Anomaly] = []

    def put(self, anomalies: Iterable[Anomaly]) -> None:
        """Add anomalies behind those that wait."""
        self._waiting += anomalies

    def deliver(self) -> int:
        """Publish what waits, each stamped with the time of sending; return how many records that were.

        Raises:
            PublishError: the broker did not acknowledge all of them; all of them still wait.
            BrokerUnavailableError: there is no broker; all of them still wait.
        """
        if not self._waiting:
            return 0
        if self._publisher is None:
            self._publisher = self._connect()
        try:
            self._send(self._publisher)
        except PublishError:
            self.close()
            raise
        delivered, self._waiting = len(self._waiting), []
        return delivered

    def _send(self, publisher: Publisher) -> None:
        for anomaly in self._waiting:
            stamped = anomaly.model_copy(update={"emitted_at": self._now()})
            publisher.publish(ANOMALIES.name, stamped.encode(), key=anomaly.anomaly_id)
        publisher.flush(FLUSH_TIMEOUT_SECONDS)

    def close(self) -> None:
        """Release the connection; what waits stays."""
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
