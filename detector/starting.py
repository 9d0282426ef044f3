"""Where to begin: with a snapshot at its positions, without one from the beginning of the topics."""

import logging

from contracts.anomalies import Anomaly
from contracts.records import MalformedRecordError
from detector.engine import Engine
from detector.instruments import Instruments
from detector.reading import Positions, Reading
from detector.settings import DetectorSettings
from detector.snapshot import load
from detector.warm_up import Published
from runtime.history import read_to_end
from runtime.topic_log import RecordSource

logger = logging.getLogger(__name__)


def start(
    settings: DetectorSettings, source: RecordSource, published: RecordSource, instruments: Instruments
) -> Reading:
    """Place ``source`` and return the reading that fits the place.

    Args:
        settings: of the rules and the state folder.
        source: of the topic ``aggregated_metrics``.
        published: of the topic ``anomalies``; read to its end where there is no snapshot.
        instruments: count what was read.

    Raises:
        BrokerUnavailableError: no broker answered, or it does not have the topics yet.
        ClusterChangedError: the broker was replaced meanwhile.
        OSError: the snapshot is there and the system refuses to read it.
    """
    snapshot = load(settings.detector_state_dir)
    if snapshot is None:
        warm_up = _published(published, instruments).warm_up()
        logger.info(
            "no snapshot: judging again what the topic holds",
            extra={"silent_until": None if warm_up is None else warm_up.until},
        )
        return go_on(Engine(settings, warm_up=warm_up), source, None, {})
    return go_on(Engine(settings, snapshot.engine), source, snapshot.cluster_id, dict(snapshot.positions))


def go_on(engine: Engine, source: RecordSource, cluster_id: str | None, positions: Positions) -> Reading:
    """Seek and return the reading: at the positions on the cluster that they are of, on another from its beginning.

    Raises:
        BrokerUnavailableError: no broker answered, or it does not have the topic yet.
    """
    current, partitions = source.cluster_id(), source.partitions()
    if cluster_id not in (current, None):
        logger.warning(
            "the broker is another one than before: reading it from its beginning; what is known of services and open"
            " anomalies stays",
            extra={"cluster_id": current, "before": cluster_id},
        )
    places = {each: at for each, at in positions.items() if each in partitions} if cluster_id == current else {}
    source.seek({each: at.next_offset for each, at in places.items()})
    logger.info("reading", extra={"cluster_id": current, "partitions": len(partitions), "continued": len(places)})
    return Reading(engine, current, partitions, places)


def _published(source: RecordSource, instruments: Instruments) -> Published:
    found = Published()
    for message in read_to_end(source):
        outcome = "applied"
        try:
            found.add(Anomaly.decode(message.value))
        except MalformedRecordError as error:
            outcome = "malformed"
            logger.warning(
                "a record on the topic of anomalies is not of its form and was skipped",
                extra={"offset": message.offset, "error": str(error)},
            )
        instruments.count_records(message.source.topic, {outcome: 1})
    source.close()
    return found
