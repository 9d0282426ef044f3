"""Live messages on a broker, through confluent-kafka."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, Producer
from confluent_kafka import Message as KafkaMessage

from contracts.event import Reason
from contracts.topics import RAW_EVENTS
from generator.account import Kind, Message
from generator.live.delivery import QUEUE_MESSAGES
from generator.live.instruments import Instruments
from generator.live.minutely import Minutely
from generator.producer import DELIVERY_TIMEOUT_SECONDS, partition_count, producer_settings
from generator.raw_events import Lanes

CONNECT_TIMEOUT_SECONDS = 2.0
RENEW_SECONDS = 20.0
"""After so long without an acknowledgement a new producer takes over: one does not get over another cluster."""

CLOSE_SECONDS = 2.0
_SILENCE_SECONDS = 5.0
_FLUSH_SECONDS = 0.1

logger = logging.getLogger(__name__)


class KafkaDelivery:
    """``Delivery`` on a broker, over an idempotent producer."""

    def __init__(
        self,
        bootstrap: str,
        instruments: Instruments,
        *,
        timeout_seconds: float = DELIVERY_TIMEOUT_SECONDS,
        queue_messages: int = QUEUE_MESSAGES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect; a message is given up after ``timeout_seconds``.

        Raises:
            BrokerUnavailableError: no broker answers, or it does not have the topic.
        """
        self._instruments, self._clock = instruments, clock
        self._waiting = 0
        self._acknowledged: Counter[Kind | Reason] = Counter()
        self._given_up: Counter[str] = Counter()
        self._silent_since: float | None = None
        self._renew_at: float | None = None
        self._retired: list[Producer] = []
        self._failures = Minutely(clock)
        self._reports = {kind: partial(self._report, kind) for kind in (*Kind, *Reason)}
        self._settings = producer_settings(bootstrap, "generator", timeout_seconds) | {
            "queue.buffering.max.messages": queue_messages,
        }
        self._producer = Producer(self._settings, logger=logger)
        self._lanes = Lanes(partition_count(self._producer, bootstrap, RAW_EVENTS.name, CONNECT_TIMEOUT_SECONDS))

    def send(self, messages: Sequence[Message]) -> None:
        """See ``Delivery``."""
        now = self._clock()
        if self._renew_at is not None and now >= self._renew_at:
            self._renew()
        if messages and self._silent_since is None:
            self._silent_since, self._renew_at = now, now + RENEW_SECONDS
        for partition, lane in enumerate(self._lanes.deal(messages)):
            if lane:
                self._queue(lane, partition)
        self._serve()

    def settle(self, timeout_seconds: float) -> bool:
        """See ``Delivery``."""
        deadline = self._clock() + timeout_seconds
        while self._waiting and self._clock() < deadline:
            for producer in (*self._retired, self._producer):
                producer.flush(_FLUSH_SECONDS)
            self._serve()
        return self._waiting == 0

    def problem(self) -> str | None:
        """See ``Delivery``."""
        silent_since = self._silent_since
        seconds = 0.0 if silent_since is None else self._clock() - silent_since
        if seconds < _SILENCE_SECONDS:
            return None
        return f"the broker has acknowledged nothing for {seconds:.0f} s; is Kafka running, and its disk not full?"

    def close(self) -> None:
        """See ``Delivery``."""
        self.settle(CLOSE_SECONDS)
        self._give_up()

    def _queue(self, lane: Sequence[Message], partition: int) -> None:
        records: list[dict[str, Any]] = [
            {"value": message.value, "callback": self._reports[message.kind]} for message in lane
        ]
        self._waiting += len(records)
        self._producer.produce_batch(RAW_EVENTS.name, records, partition)
        for record in records:
            if "_error" in record:
                self._report_failure(record["_error"])

    def _report(self, kind: Kind | Reason, error: KafkaError | None, _message: KafkaMessage) -> None:
        if error is not None:
            self._report_failure(error)
            return
        self._waiting -= 1
        self._acknowledged[kind] += 1

    def _report_failure(self, error: KafkaError) -> None:
        self._waiting -= 1
        self._given_up[error.str()] += 1

    def _serve(self) -> None:
        for producer in (*self._retired, self._producer):
            producer.poll(0)
        self._retired = [producer for producer in self._retired if len(producer)]
        if self._acknowledged:
            now = self._clock()
            self._silent_since, self._renew_at = (now, now + RENEW_SECONDS) if self._waiting else (None, None)
            self._instruments.count_acknowledged(self._acknowledged)
            self._acknowledged.clear()
        if self._given_up:
            self._instruments.count_failed(self._given_up.total())
            if self._failures.due():
                logger.warning("messages were not delivered; is Kafka running?", extra={"failed": dict(self._given_up)})
            self._given_up.clear()

    def _renew(self) -> None:
        """Send on with a new producer; what the one before still has, it may deliver until its time is over."""
        logger.info("nothing was acknowledged for a while; going on with a new producer")
        self._retired.append(self._producer)
        self._producer = Producer(self._settings, logger=logger)
        self._renew_at = self._clock() + RENEW_SECONDS

    def _give_up(self) -> None:
        for producer in (*self._retired, self._producer):
            producer.purge()
            producer.flush(_FLUSH_SECONDS)
        self._serve()
