"""The live engine on a feed: the same code that judges a running system, with nothing but stream time as its clock."""

from collections.abc import Iterable

from contracts.anomalies import Anomaly
from detector.engine import Engine
from detector.settings import DetectorSettings
from evaluation.alarms import Alarm
from evaluation.feed import Batch


def anomalies(batches: Iterable[Batch], settings: DetectorSettings) -> list[Anomaly]:
    """Return what a reader of the topic is left with: the newest revision of each anomaly, in order of its opening."""
    engine = Engine(settings)
    newest: dict[str, Anomaly] = {}
    for batch in batches:
        for changed in engine.feed(batch.counts, batch.stream_time):
            newest[changed.anomaly_id] = changed
    return list(newest.values())


def alarms(found: Iterable[Anomaly]) -> list[Alarm]:
    """Return the alarms that anomalies are: on from when they were called to the end of the last bad window."""
    return [_alarm(anomaly) for anomaly in found]


def _alarm(anomaly: Anomaly) -> Alarm:
    called, end = anomaly.detected_at.timestamp(), anomaly.window_end.timestamp()
    return Alarm(anomaly.service, anomaly.anomaly_type.value, called, max(called, end))
