"""The live generator as a service: HTTP from the start on, Kafka as soon as it is there, history, then the present."""

import logging
import secrets
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from prometheus_client import CollectorRegistry

from contracts.injections import Injection
from contracts.times import to_epoch_ms
from generator.live.backfill import Backfill, backfill_start
from generator.live.catalog import SERVICE_NAMES
from generator.live.chance import Chance
from generator.live.delivery import Delivery
from generator.live.injection_log import InjectionLog
from generator.live.injections import Injections
from generator.live.instruments import Instruments
from generator.live.loop import LiveLoop
from generator.live.newest_event import newest_event_time
from generator.live.traffic import Demand, Traffic
from generator.live.transit import Transit
from generator.settings import GeneratorSettings
from runtime.lasting_counters import LastingCounters
from runtime.topic_log import BrokerUnavailableError, ClusterChangedError, Publisher, RecordSource

FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 1.0, 5.0
_SEED_BITS = 32
T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connections:
    """How the service gets to the topics. Each may raise BrokerUnavailableError and is tried again."""

    delivery: Callable[[Instruments], Delivery]
    raw_events: Callable[[], RecordSource]
    publisher: Callable[[], Publisher]


class LiveService:
    """Everything but HTTP. ``injections``, ``registry`` and ``health`` are what HTTP serves."""

    def __init__(
        self,
        settings: GeneratorSettings,
        connections: Connections,
        now: Callable[[], datetime],
        stop: threading.Event,
    ) -> None:
        self._settings, self._connections, self._now, self._stop = settings, connections, now, stop
        given = settings.generator_seed
        self._seed = secrets.randbits(_SEED_BITS) if given is None else given
        chance = Chance(self._seed, settings.generator_anomaly_probability)
        self.injections = Injections(SERVICE_NAMES, chance, now, self._announce)
        self._injection_log = InjectionLog(connections.publisher)
        self._instruments = Instruments(settings.generator_rate, self.injections.running)
        self.registry = CollectorRegistry()
        self.registry.register(
            LastingCounters(self._instruments.registry, settings.generator_state_dir / "counters.json")
        )
        self._reason: Callable[[], str | None] = lambda: "connecting to Kafka"

    def health(self) -> str | None:
        """Say why there is no live traffic, or None when there is."""
        return self._reason()

    def run(self, backfill: timedelta | None) -> None:
        """Fill history as far back as ``backfill`` says, then send live traffic, until asked to stop."""
        with ExitStack() as parts:
            logger.info("starting", extra={"seed": self._seed, "rate": self._settings.generator_rate})
            parts.callback(self._save_counters)
            self._injection_log.start()
            parts.enter_context(closing(self._injection_log))
            delivery = self._patiently(lambda: self._connections.delivery(self._instruments))
            start = None if delivery is None else self._patiently(lambda: self._start(backfill))
            if delivery is None or start is None:
                return
            parts.enter_context(closing(delivery))
            parts.callback(self.injections.end)
            self._send(delivery, start, fill=backfill is not None)

    def _send(self, delivery: Delivery, start: datetime, *, fill: bool) -> None:
        traffic = self._traffic(start)
        if fill:
            history = Backfill(traffic, delivery, self._now, self._stop.is_set)
            self._reason = lambda: f"filling history: {history.done_share:.0%}"
            history.run()
            if self._stop.is_set():
                return
        loop = LiveLoop(traffic, delivery, self._instruments, self._now)
        self.injections.go_live()
        self._reason = lambda: loop.problem() or delivery.problem() or self._injection_log.problem
        logger.info("live traffic begins")
        loop.run(self._stop.wait)
        delivery.send(traffic.release())

    def _traffic(self, start: datetime) -> Traffic:
        settings = self._settings
        demand = Demand(self._seed, settings.generator_rate, settings.generator_rhythm_amplitude)
        transit = Transit(
            settings.generator_duplicate_share, settings.generator_disorder_share, settings.generator_broken_share
        )
        return Traffic(demand, self.injections, transit, to_epoch_ms(start))

    def _start(self, backfill: timedelta | None) -> datetime:
        if backfill is None:
            return self._now()
        with closing(self._connections.raw_events()) as raw_events:
            newest = newest_event_time(raw_events, self._now())
        return backfill_start(self._now(), backfill, newest)

    def _patiently(self, attempt: Callable[[], T]) -> T | None:
        """Return what an attempt returns once Kafka is there; None when asked to stop before."""
        backoff = FIRST_BACKOFF_SECONDS
        while not self._stop.is_set():
            try:
                return attempt()
            except (BrokerUnavailableError, ClusterChangedError) as error:
                self._give_reason(f"waiting for Kafka: {error}")
                logger.warning("waiting for Kafka", extra={"error": str(error), "again_in_seconds": backoff})
                self._stop.wait(backoff)
                backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
        return None

    def _give_reason(self, reason: str) -> None:
        self._reason = lambda: reason

    def _announce(self, injection: Injection) -> None:
        begins = injection.revision == 1
        if begins:
            self._instruments.count_injection(injection)
        logger.info(
            "a fault begins" if begins else "a fault ends early",
            extra={"injection_id": injection.injection_id, "ended_at": injection.ended_at},
        )
        self._injection_log.put(injection)

    def _save_counters(self) -> None:
        """Read the counters a last time: what is read is on disk."""
        list(self.registry.collect())
