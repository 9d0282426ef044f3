"""The plan of the job: raw records to changed latency buckets of one-minute windows."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's documentation uses

from contracts.event import ERROR_STATUS
from contracts.histogram import ZERO_INDEX, ZERO_THRESHOLD_SECONDS, upper_bound_seconds
from streaming.accounting import COUNTED, RECEIVED
from streaming.verdict import judged

_HIGHEST_INDEX = 400
"""Above the bucket of one hour, the longest latency that is valid."""


def changed_buckets(records: DataFrame, watermark_delay_seconds: int) -> DataFrame:
    """Return the buckets that the records change, with their cumulative numbers (columns ``updates.COLUMNS``).

    Future events leave before the watermark: one wrong clock would otherwise make everybody else's events late.

    Args:
        records: ``value``, ``timestamp``, ``partition`` and ``offset`` of Kafka records, as a stream.
        watermark_delay_seconds: how much older than the newest an event may be; as long, ids are remembered.
    """
    newest_record = F.max(F.unix_micros("timestamp")).alias("newest_record_us")
    received = records.observe(RECEIVED, F.count(F.lit(1)).alias("events"), newest_record)
    good = (
        judged(received)
        .where("reason IS NULL")
        .selectExpr(
            "event_timestamp",
            "service",
            "endpoint",
            "latency_ms / 1000D AS latency_seconds",
            f"status_code >= {ERROR_STATUS} AS is_error",
            "CASE WHEN event_id IS NULL THEN xxhash64(partition, offset) ELSE xxhash64(event_id) END AS identity",
        )
    )
    unique = good.withWatermark("event_timestamp", f"{watermark_delay_seconds} seconds").dropDuplicatesWithinWatermark(
        ["identity"]
    )
    newest = F.max(F.unix_micros("event_timestamp")).alias("max_event_time_us")
    counted = unique.observe(COUNTED, F.count(F.lit(1)).alias("events"), newest)
    return _cumulative(with_bucket(counted))


def with_bucket(events: DataFrame) -> DataFrame:
    """Add ``bucket``, the index of ``latency_seconds`` in the latency histogram, exactly as ``contracts.histogram``.

    The logarithm is compared with the very bounds that Python computes, because the last bit of ``pow`` differs between
    the two. Two projections, so that the logarithm is taken once.
    """
    estimated = events.withColumn(
        "estimate",
        F.expr(f"CAST(ceil(log2(greatest(latency_seconds, {ZERO_THRESHOLD_SECONDS!r}D)) * 32D) AS INT)"),
    )
    first = ZERO_INDEX - 2
    bounds = ", ".join(f"{upper_bound_seconds(index)!r}D" for index in range(first, _HIGHEST_INDEX))
    return estimated.withColumn(
        "bucket",
        F.expr(
            f"""CASE
                WHEN latency_seconds < {ZERO_THRESHOLD_SECONDS!r}D THEN {ZERO_INDEX}
                WHEN latency_seconds > array({bounds})[estimate - {first}] THEN estimate + 1
                WHEN latency_seconds <= array({bounds})[estimate - 1 - {first}] THEN estimate - 1
                ELSE estimate
            END"""
        ),
    )


def _cumulative(events: DataFrame) -> DataFrame:
    return (
        events.groupBy(F.window("event_timestamp", "1 minute").alias("minute"), "service", "endpoint", "bucket")
        .agg(
            F.count(F.lit(1)).alias("requests"),
            F.expr("count_if(is_error)").alias("errors"),
            F.sum("latency_seconds").alias("latency_sum_seconds"),
            F.max("latency_seconds").alias("latency_max_seconds"),
        )
        .withColumn("window_start_us", F.expr("unix_micros(minute.start)"))
        .drop("minute")
    )
