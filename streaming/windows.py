"""The plan of the job: raw records to changed latency buckets of one-minute windows."""

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's documentation uses

from contracts.event import ERROR_STATUS
from contracts.histogram import BUCKETS_PER_DOUBLING, ROOTS_OF_TWO, ZERO_INDEX, ZERO_THRESHOLD_SECONDS
from contracts.times import THIRD, WINDOW
from streaming.accounting import COUNTED, RECEIVED
from streaming.verdict import judged

_MICROSECOND = timedelta(microseconds=1)


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

    The logarithm is compared with the bounds, which are made of the numbers that Python uses: the last bit of ``pow``
    differs between the two. A projection of its own, so that the logarithm is taken once.
    """
    threshold = f"{ZERO_THRESHOLD_SECONDS!r}D"
    estimate = f"CAST(ceil(log2(greatest(latency_seconds, {threshold})) * {BUCKETS_PER_DOUBLING}D) AS INT)"
    bucket = f"""CASE
        WHEN latency_seconds < {threshold} THEN {ZERO_INDEX}
        WHEN latency_seconds > {_upper_bound("estimate")} THEN estimate + 1
        WHEN latency_seconds <= {_upper_bound("(estimate - 1)")} THEN estimate - 1
        ELSE estimate
    END"""
    return events.withColumn("estimate", F.expr(estimate)).withColumn("bucket", F.expr(bucket))


def _upper_bound(index: str) -> str:
    roots = ", ".join(f"{root!r}D" for root in ROOTS_OF_TWO)
    step = f"pmod({index}, {BUCKETS_PER_DOUBLING})"
    return f"(array({roots})[{step}] * pow(2D, ({index} - {step}) / {BUCKETS_PER_DOUBLING}))"


def _cumulative(events: DataFrame) -> DataFrame:
    third = f"pmod(unix_micros(event_timestamp), {WINDOW // _MICROSECOND}L) DIV {THIRD // _MICROSECOND}L"
    return (
        events.groupBy(F.window("event_timestamp", "1 minute").alias("minute"), "service", "endpoint", "bucket")
        .agg(
            F.count(F.lit(1)).alias("requests"),
            F.expr("count_if(is_error)").alias("errors"),
            F.sum("latency_seconds").alias("latency_sum_seconds"),
            F.max("latency_seconds").alias("latency_max_seconds"),
            F.expr(f"count_if({third} = 0)").alias("first_third_requests"),
            F.expr(f"count_if({third} = 1)").alias("second_third_requests"),
        )
        .withColumn("window_start_us", F.expr("unix_micros(minute.start)"))
        .drop("minute")
    )
