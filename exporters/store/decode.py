"""From messages to what the tables can hold: strictly decoded and within the limits of the columns, or malformed.

The limits make a poisoned batch impossible: whatever passes here fits every column, so a failure of the database is a
failure of the database and not of a record.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from contracts.anomalies import Anomaly
from contracts.injections import Injection
from contracts.records import BatchEnd, DeadLetter, MalformedRecordError, WindowUpdate, decode_aggregated_metric
from contracts.summaries import IncidentSummary
from contracts.topics import AGGREGATED_METRICS, ANOMALIES, DEAD_LETTERS, INCIDENT_SUMMARIES, INJECTIONS
from exporters.store.decode_incidents import check_anomaly, check_injection, check_summary
from exporters.store.decode_windows import check_batch_end, check_letter, check_update
from runtime.topic_log import Message, TopicPartition

TOPICS = (AGGREGATED_METRICS.name, DEAD_LETTERS.name, ANOMALIES.name, INCIDENT_SUMMARIES.name, INJECTIONS.name)
"""The topics that the sink reads."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a list of messages says, in their order. ``malformed`` holds the positions of those that were skipped."""

    updates: list[WindowUpdate] = field(default_factory=list)
    batch_ends: list[tuple[TopicPartition, BatchEnd]] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)
    summaries: list[IncidentSummary] = field(default_factory=list)
    injections: list[Injection] = field(default_factory=list)
    malformed: set[tuple[TopicPartition, int]] = field(default_factory=set)


def decode(messages: Iterable[Message]) -> Decoded:
    """Decode messages of ``TOPICS``; one that is malformed is logged with its position and skipped."""
    decoded = Decoded()
    for message in messages:
        try:
            _add(decoded, message)
        except MalformedRecordError as error:
            decoded.malformed.add((message.source, message.offset))
            logger.warning(
                "skipped a malformed record; find out which process writes it",
                extra={**message.source._asdict(), "offset": message.offset, "error": str(error)[:500]},
            )
    return decoded


def _add(decoded: Decoded, message: Message) -> None:
    match message.source.topic:
        case DEAD_LETTERS.name:
            decoded.dead_letters.append(check_letter(DeadLetter.decode(message.value)))
        case ANOMALIES.name:
            decoded.anomalies.append(check_anomaly(Anomaly.decode(message.value)))
        case INCIDENT_SUMMARIES.name:
            decoded.summaries.append(check_summary(IncidentSummary.decode(message.value)))
        case INJECTIONS.name:
            decoded.injections.append(check_injection(Injection.decode(message.value)))
        case _:
            _add_aggregated_metric(decoded, message)


def _add_aggregated_metric(decoded: Decoded, message: Message) -> None:
    record = decode_aggregated_metric(message.value)
    if isinstance(record, WindowUpdate):
        decoded.updates.append(check_update(record))
    else:
        decoded.batch_ends.append((message.source, check_batch_end(record)))
