"""The loop: reads counts, lets the engine judge, publishes what changed, then saves the state that belongs to it.

In this order, a crash at any moment leads to the same anomalies: what was decided after the newest snapshot is decided
again from the same records, and published again under the same revisions.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.topics import AGGREGATED_METRICS
from detector.health import DetectorState, figures_of
from detector.instruments import Instruments
from detector.outbox import Outbox
from detector.reading import Reading
from detector.settings import DetectorSettings
from detector.snapshot import Snapshot, save
from detector.starting import go_on, start
from runtime.topic_log import (
    BrokerUnavailableError,
    ClusterChangedError,
    Publisher,
    PublishError,
    RecordSource,
    TopicPartition,
)

POLL_SECONDS = 0.5
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 10.0
QUIET = timedelta(seconds=15)
"""After this long without a record the broker is asked whether it is there: an empty poll does not tell."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Topics:
    """The ways to Kafka: the counts, the anomalies that were published, and a connection to publish more."""

    counts: RecordSource
    published: RecordSource
    connect: Callable[[], Publisher]


class DetectorLoop:
    """Reads, judges, publishes and saves until it is asked to stop."""

    def __init__(
        self,
        settings: DetectorSettings,
        topics: Topics,
        state: DetectorState,
        instruments: Instruments,
        now: Callable[[], datetime],
    ) -> None:
        self._settings, self._topics, self._now = settings, topics, now
        self._state, self._instruments = state, instruments
        self._outbox = Outbox(topics.connect, now)
        self._reading: Reading | None = None
        self._left: Reading | None = None
        self._heard_at = now()
        self._saved_until: datetime | None = None
        self._shown_until: datetime | None = None
        self._warm_up_ends: Mapping[TopicPartition, int] = {}

    def run(self, stop: threading.Event) -> None:
        """Loop until ``stop`` is set; the unit of work under way is finished."""
        backoff = FIRST_BACKOFF_SECONDS
        while not stop.is_set():
            try:
                self.step()
            except (BrokerUnavailableError, ClusterChangedError) as error:
                self._state.reason_unhealthy = f"waiting for Kafka: {error}"
            except PublishError as error:
                self._state.reason_unhealthy = f"anomalies cannot be published, trying again: {error}"
            else:
                backoff = FIRST_BACKOFF_SECONDS
                continue
            logger.warning(
                "%s; is Kafka running, and is KAFKA_BROKER right?",
                self._state.reason_unhealthy,
                extra={"again_in_seconds": backoff},
            )
            stop.wait(backoff)
            backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
        self._outbox.close()
        self._topics.counts.close()
        self._topics.published.close()

    def step(self) -> None:
        """Do one unit of work: find the place, deliver what waits, then poll once and judge what came.

        Nothing is judged while a revision waits to be published.

        Raises:
            BrokerUnavailableError: the broker does not answer, or does not have the topics.
            ClusterChangedError: the broker was replaced while the place was looked for.
            PublishError: an anomaly was not acknowledged; it is kept.
        """
        reading = self._started() if self._reading is None else self._reading
        self._deliver(reading)
        try:
            messages = self._topics.counts.poll(POLL_SECONDS, self._settings.detector_max_messages)
        except ClusterChangedError:
            self._leave(reading)
            return
        self._check_broker(heard=bool(messages))
        self._outbox.put(reading.take(messages))
        self._deliver(reading)
        self._show(reading)

    def _check_broker(self, *, heard: bool) -> None:
        now = self._now()
        if not heard and now - self._heard_at > QUIET:
            self._topics.counts.end_offsets()
            heard = True
        if heard:
            self._heard_at = now

    def _started(self) -> Reading:
        counts, left = self._topics.counts, self._left
        if left is None:
            reading = start(self._settings, counts, self._topics.published, self._instruments)
        else:
            reading = go_on(left.engine, counts, left.cluster_id, left.positions())
        if reading.engine.judged_until is None:
            self._warm_up_ends = counts.end_offsets()
        self._saved_until = reading.engine.judged_until
        self._reading, self._left = reading, None
        return reading

    def _leave(self, reading: Reading) -> None:
        """Leave a cluster that is gone; what the engine knows stays, unless it is still finding out."""
        self._left = None if reading.engine.is_silent else reading
        self._reading = None

    def _deliver(self, reading: Reading) -> None:
        self._instruments.count_revisions(self._outbox.deliver())
        engine = reading.engine
        if engine.judged_until != self._saved_until and not engine.is_silent:
            self._save(reading)

    def _save(self, reading: Reading) -> None:
        now = self._now()
        positions = list(reading.positions().items())
        snapshot = Snapshot(
            cluster_id=reading.cluster_id, saved_at=now, positions=positions, engine=reading.engine.state()
        )
        try:
            save(snapshot, self._settings.detector_state_dir)
        except OSError as error:
            logger.warning(
                "the snapshot cannot be written: a restart judges again what came since the last; is the disk full?",
                extra={"state_dir": str(self._settings.detector_state_dir), "error": str(error)},
            )
        else:
            self._saved_until, self._state.snapshot_saved_at = reading.engine.judged_until, now

    def _show(self, reading: Reading) -> None:
        lag = self._topics.counts.lag()
        known = [records for records in lag.values() if records is not None]
        state, engine = self._state, reading.engine
        state.lag_records = sum(known) if lag and len(known) == len(lag) else None
        state.stream_time = reading.stream_time
        if state.figures is None or engine.judged_until != self._shown_until:
            state.figures, self._shown_until = figures_of(engine, self._settings), engine.judged_until
        self._instruments.count_records(AGGREGATED_METRICS.name, reading.take_outcomes())
        self._instruments.count_verdicts(engine.take_verdicts())
        state.reason_unhealthy = self._warming_up(reading, lag)

    def _warming_up(self, reading: Reading, lag: Mapping[TopicPartition, int | None]) -> str | None:
        """Say how much of what the topic held at the start is still to be read; None when it has been."""
        read = {source: at.next_offset for source, at in reading.positions().items()}
        left = {source: end - read.get(source, 0) for source, end in self._warm_up_ends.items() if lag.get(source) != 0}
        records = sum(max(0, behind) for behind in left.values())
        if records > 0:
            return f"warming up: {records} records of {AGGREGATED_METRICS.name} are still to be read again"
        self._warm_up_ends = {}
        return None
