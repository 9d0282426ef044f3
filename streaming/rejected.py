"""Reads the rejected messages of a micro-batch again, so that a batch without any pays nothing for them."""

from collections.abc import Iterator
from datetime import datetime

from pyspark.sql import DataFrame, Row, SparkSession

from contracts.times import EPOCH
from streaming.letters import MAX_CONTENT_BYTES, RejectedMessage
from streaming.source import EventSource
from streaming.verdict import judged


def rejected_messages(
    spark: SparkSession, source: EventSource, offsets: dict[int, tuple[int, int]]
) -> Iterator[RejectedMessage]:
    """Yield the messages of an offset range that get a reason, by the same verdict as in the job.

    A partition at a time is in memory.
    """
    rows: DataFrame = (
        judged(source.range(spark, offsets))
        .where("reason IS NOT NULL")
        .selectExpr(
            "partition",
            "offset",
            "unix_micros(timestamp) AS received_at_us",
            "reason",
            f"substring(coalesce(value, X''), 1, {MAX_CONTENT_BYTES}) AS head",
            "length(coalesce(value, X'')) AS size_bytes",
            "sha2(coalesce(value, X''), 256) AS sha256",
        )
    )
    return (_message(source.topic, row) for row in rows.toLocalIterator())


def _message(topic: str, row: Row) -> RejectedMessage:
    return RejectedMessage(
        topic=topic,
        partition=row["partition"],
        offset=row["offset"],
        received_at=EPOCH + row["received_at_us"] * datetime.resolution,
        reason=row["reason"],
        head=bytes(row["head"]),
        size_bytes=row["size_bytes"],
        sha256=row["sha256"],
    )
