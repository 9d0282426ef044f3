"""Detectors over a cluster in memory, and the mishaps that befall them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from contracts.anomalies import Anomaly
from contracts.topics import AGGREGATED_METRICS, ANOMALIES
from detector.health import DetectorState
from detector.instruments import Instruments
from detector.loop import DetectorLoop, Topics
from detector.revision import is_early
from detector.settings import DetectorSettings
from detector.snapshot import FILE_NAME
from runtime.memory import MemoryCluster, MemoryPublisher, MemorySource
from runtime.topic_log import Message, Publisher, PublishError, RecordSource
from tests.fast.detector.counting import START
from tests.fast.detector.streamed import PUBLISHED

RUNNING = threading.Event()


class UnevenSource(MemorySource):
    """Reads a random number of records from partitions in random order, as a broker may hand them out."""

    def __init__(self, cluster: MemoryCluster, seed: int) -> None:
        super().__init__(cluster, [AGGREGATED_METRICS.name])
        self._random = Random(seed)

    def poll(self, timeout_seconds: float, max_messages: int) -> list[Message]:
        order = list(self._positions.items())
        self._random.shuffle(order)
        self._positions = dict(order)
        return super().poll(timeout_seconds, self._random.randint(1, 12))


class Killed(Exception):  # noqa: N818 - what happens to the process, not a failure of the program
    """The process ends here."""


@dataclass
class KillingPublisher(MemoryPublisher):
    """Ends the process before the record whose turn it is."""

    cluster: MemoryCluster
    records_left: int

    def __post_init__(self) -> None:
        super().__init__(self.cluster)

    def publish(self, topic: str, value: bytes, key: str | None = None, partition: int | None = None) -> None:
        if self.records_left == 0:
            raise Killed
        self.records_left -= 1
        super().publish(topic, value, key, partition)


class RefusingPublisher(MemoryPublisher):
    """Takes records and never acknowledges them."""

    def flush(self, timeout_seconds: float) -> None:
        raise PublishError(f"not acknowledged within {timeout_seconds} s")


class Clock:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@dataclass
class Detector:
    """One process of the detector."""

    cluster: MemoryCluster
    settings: DetectorSettings
    source: RecordSource | None = None
    connect: Callable[[], Publisher] | None = None
    clock: Clock = field(default_factory=Clock)
    state: DetectorState = field(default_factory=DetectorState)
    instruments: Instruments = field(default_factory=Instruments)

    def __post_init__(self) -> None:
        counts = MemorySource(self.cluster, [AGGREGATED_METRICS.name]) if self.source is None else self.source
        published = MemorySource(self.cluster, [ANOMALIES.name])
        topics = Topics(counts, published, self._publisher)
        self.loop = DetectorLoop(self.settings, topics, self.state, self.instruments, self.clock)

    def _publisher(self) -> Publisher:
        return MemoryPublisher(self.cluster) if self.connect is None else self.connect()

    def catch_up(self) -> "Detector":
        """Step until everything that is there has been read."""
        self.loop.step()
        while self.state.lag_records != 0:
            self.loop.step()
        return self


def forget_snapshot(settings: DetectorSettings) -> None:
    """Remove the snapshot, if there is one."""
    (settings.detector_state_dir / FILE_NAME).unlink(missing_ok=True)


def published(cluster: MemoryCluster) -> list[Anomaly]:
    """Return every record of the topic of anomalies."""
    return [Anomaly.decode(message.value) for message in cluster.records(PUBLISHED)]


def final(cluster: MemoryCluster) -> dict[str, Anomaly]:
    """Return what a reader keeps of each anomaly, by id, apart from when it was told and how often it changed.

    When a call can be made before a window is over depends on where batches end.
    """
    kept: dict[str, Anomaly] = {}
    for anomaly in sorted(published(cluster), key=lambda each: (each.revision, each.emitted_at)):
        kept[anomaly.anomaly_id] = anomaly.model_copy(update={"emitted_at": START, "detected_at": START, "revision": 1})
    return kept


def contents_by_revision(cluster: MemoryCluster) -> dict[tuple[str, int], set[Anomaly]]:
    """Return the different contents that revisions were published with; more than one is a defect.

    What is called before its window is over, and whether it is, depends on where batches end: such calls are left out,
    and revisions are counted from the end of the window on.
    """
    early = {anomaly.anomaly_id for anomaly in published(cluster) if is_early(anomaly)}
    contents: dict[tuple[str, int], set[Anomaly]] = {}
    for anomaly in published(cluster):
        if is_early(anomaly) or anomaly.anomaly_id in early:
            continue
        same = anomaly.model_copy(update={"emitted_at": START})
        contents.setdefault((anomaly.anomaly_id, anomaly.revision), set()).add(same)
    return contents
