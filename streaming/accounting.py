"""Reads a micro-batch's books from Spark, inside the batch and before its commit.

By then the batch's one action has run, so its execution holds what ``observe`` saw and what the operators counted.
Spark's progress listeners report after the commit: a crash in between would lose that batch's numbers.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.event import Reason
from contracts.times import EPOCH, from_epoch_ms

RECEIVED = "received"
VERDICTS = "verdicts"
COUNTED = "counted"

_DEDUPLICATION = "StreamingDeduplicateWithinWatermark"
_SOURCE = "MicroBatchScan"


class BooksUnreadableError(RuntimeError):
    """Spark's execution does not look as expected, so the batch's books cannot be read; the batch must not commit."""


@dataclass(frozen=True, slots=True)
class Books:
    """What became of the events of one micro-batch. ``offsets`` are ``[from, to)`` by partition."""

    run_id: str
    batch_id: int
    offsets: dict[int, tuple[int, int]]
    received: int
    counted: int
    duplicate: int
    late: int
    rejected: dict[Reason, int]
    watermark: datetime | None
    max_event_time: datetime | None
    newest_record_time: datetime

    @property
    def invalid(self) -> dict[str, int]:
        """Rejected events other than future ones, by reason."""
        return {str(reason): count for reason, count in self.rejected.items() if reason is not Reason.FUTURE}

    @property
    def future(self) -> int:
        """Events too far ahead of the broker's clock."""
        return self.rejected.get(Reason.FUTURE, 0)

    @property
    def lost(self) -> int:
        """Offsets that were asked for and not there: Kafka had dropped them."""
        return max(0, sum(end - start for start, end in self.offsets.values()) - self.received)


def read_books(stream: Any, topic: str, batch_id: int) -> Books:  # noqa: ANN401 - a JVM object
    """Read the books of the batch that just ran.

    Args:
        stream: the JVM's ``StreamExecution``.
        topic: the topic of raw events.
        batch_id: the batch that the caller is in.

    Raises:
        BooksUnreadableError: the last execution is of another batch or lacks an operator.
    """
    execution = stream.lastExecution()
    if execution.currentBatchId() != batch_id:
        raise BooksUnreadableError(f"the last execution is batch {execution.currentBatchId()}, not {batch_id}")
    operators = {node.nodeName(): node for node in _nodes(execution.executedPlan())}
    if _DEDUPLICATION not in operators or _SOURCE not in operators:
        raise BooksUnreadableError(f"the plan has {sorted(operators)}, expected {_DEDUPLICATION} and {_SOURCE}")
    observed = _observed(execution)
    watermark_ms = execution.offsetSeqMetadata().batchWatermarkMs()
    newest_us = observed[COUNTED].get("max_event_time_us")
    return Books(
        run_id=stream.id().toString(),
        batch_id=batch_id,
        offsets=_offsets(operators[_SOURCE], topic),
        received=observed[RECEIVED]["events"],
        counted=observed[COUNTED]["events"],
        duplicate=_metric(operators[_DEDUPLICATION], "numDroppedDuplicateRows"),
        late=_metric(operators[_DEDUPLICATION], "numRowsDroppedByWatermark"),
        rejected={reason: observed[VERDICTS][reason] for reason in Reason if observed[VERDICTS][reason] > 0},
        watermark=from_epoch_ms(watermark_ms) if watermark_ms > 0 else None,
        max_event_time=None if newest_us is None else _from_epoch_us(newest_us),
        newest_record_time=_from_epoch_us(observed[RECEIVED].get("newest_record_us") or 0),
    )


def _from_epoch_us(epoch_us: int) -> datetime:
    return EPOCH + epoch_us * datetime.resolution


def _nodes(plan: Any) -> Iterator[Any]:  # noqa: ANN401 - a JVM object
    yield plan
    children = plan.children()
    for position in range(children.size()):
        yield from _nodes(children.apply(position))


def _metric(operator: Any, name: str) -> int:  # noqa: ANN401 - a JVM object
    return int(operator.metrics().apply(name).value())


def _observed(execution: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - a JVM object
    pairs = execution.observedMetrics().iterator()
    observed = {}
    while pairs.hasNext():
        pair = pairs.next()
        observed[str(pair._1())] = json.loads(pair._2().json())
    return observed


def _offsets(source: Any, topic: str) -> dict[int, tuple[int, int]]:  # noqa: ANN401 - a JVM object
    start = json.loads(source.start().json()).get(topic, {})
    end = json.loads(source.end().json())[topic]
    return {int(partition): (start.get(partition, 0), position) for partition, position in end.items()}
