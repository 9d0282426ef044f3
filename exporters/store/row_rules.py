"""What no row of the tables may be, and which columns no two rows share."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.histogram import MAX_QUANTILE_ERROR, ZERO_INDEX
from exporters.store.decode_windows import MAX_INDEX
from exporters.store.findings import Check


@dataclass(frozen=True, slots=True)
class RowRule:
    """``condition`` is SQL that is true for a row that is wrong; NULL counts as right, for nulls have a rule."""

    check: Check
    words: str
    condition: str


_LISTS = (
    "bucket_index",
    "bucket_requests",
    "bucket_errors",
    "bucket_latency_sum_seconds",
    "bucket_latency_max_seconds",
)
_LATENCIES = ("avg_latency_ms", "p50_latency_ms", "p95_latency_ms", "p99_latency_ms", "max_latency_ms")
# Sums are kept in steps of 2^-40 s, so a mean may exceed the maximum by that; a quantile is a bucket's midpoint.
_MEAN_SLACK = "max_latency_ms * (1 + 1e-9) + 1e-6"
_QUANTILE_SLACK = f"max_latency_ms * {1 + 1.01 * MAX_QUANTILE_ERROR}"

_METRIC_RULES = (
    RowRule(Check.NULLS, "a list holds a null", " OR ".join(f"list_count({name}) < len({name})" for name in _LISTS)),
    RowRule(Check.IMPOSSIBLE_COUNTS, "request_count is not above 0", "request_count <= 0"),
    RowRule(
        Check.IMPOSSIBLE_COUNTS,
        "error_count is outside of 0 to request_count",
        "error_count < 0 OR error_count > request_count",
    ),
    RowRule(
        Check.IMPOSSIBLE_COUNTS,
        "error_rate is not error_count / request_count",
        "request_count > 0 AND NOT abs(error_rate - error_count / request_count) <= 1e-9",
    ),
    RowRule(
        Check.IMPOSSIBLE_LATENCIES,
        "a latency is negative or not finite",
        " OR ".join(f"NOT (isfinite({name}) AND {name} >= 0)" for name in _LATENCIES),
    ),
    RowRule(
        Check.IMPOSSIBLE_LATENCIES,
        "p50, p95 and p99 are not in this order",
        "p50_latency_ms > p95_latency_ms OR p95_latency_ms > p99_latency_ms",
    ),
    RowRule(
        Check.IMPOSSIBLE_LATENCIES,
        "the mean or p99 is above the maximum",
        f"avg_latency_ms > {_MEAN_SLACK} OR p99_latency_ms > {_QUANTILE_SLACK}",
    ),
    RowRule(
        Check.IMPOSSIBLE_TIMES,
        "the window does not begin on its mark or has not its length",
        "window_start <> date_trunc('{unit}', window_start) OR window_end <> window_start + INTERVAL 1 {unit}",
    ),
    RowRule(Check.IMPOSSIBLE_TIMES, "the window lies after the clock", "window_start > $latest"),
    RowRule(
        Check.IMPOSSIBLE_HISTOGRAMS,
        "the buckets do not add up to request_count and error_count",
        "list_sum(bucket_requests) <> request_count OR list_sum(bucket_errors) <> error_count",
    ),
    RowRule(
        Check.IMPOSSIBLE_HISTOGRAMS,
        "the lists have different lengths",
        " OR ".join(f"len({name}) <> len(bucket_index)" for name in _LISTS[1:]),
    ),
    RowRule(
        Check.IMPOSSIBLE_HISTOGRAMS,
        "the buckets are not in order or not of this world",
        "list_sort(list_distinct(bucket_index)) <> bucket_index"
        f" OR bucket_index[1] < {ZERO_INDEX} OR bucket_index[-1] > {MAX_INDEX}",
    ),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table as its rows are looked at.

    Args:
        table: its name.
        time: its column by which it is cut into slices.
        subject: SQL of whom a row is about.
        key: the columns that no two rows share.
        rules: what no row may be.
        slice_length: how much is looked at in one query, None for all. A key that lacks the time needs all.
    """

    table: str
    time: str
    subject: str
    key: tuple[str, ...]
    rules: tuple[RowRule, ...] = ()
    slice_length: timedelta | None = None


def _metric_rules(unit: str) -> tuple[RowRule, ...]:
    return tuple(RowRule(rule.check, rule.words, rule.condition.replace("{unit}", unit)) for rule in _METRIC_RULES)


_MINUTES, _HOURS = timedelta(hours=6), timedelta(days=10)

TABLES = (
    Rows(
        "endpoint_metrics",
        "window_start",
        "service",
        ("window_start", "service", "endpoint", "cluster_id"),
        _metric_rules("minute"),
        _MINUTES,
    ),
    Rows("service_metrics", "window_start", "service", ("window_start", "service"), _metric_rules("minute"), _MINUTES),
    Rows(
        "hourly_metrics",
        "window_start",
        "service",
        ("window_start", "service", "endpoint"),
        _metric_rules("hour"),
        _HOURS,
    ),
    Rows(
        "stream_batches",
        "ended_at",
        "run_id",
        ("run_id", "batch_id"),
        (
            RowRule(
                Check.NULLS,
                "max_event_time is missing although events were counted",
                "max_event_time IS NULL AND counted > 0",
            ),
            RowRule(
                Check.BOOKS,
                "received is not counted + duplicate + late + invalid + future",
                "received <> counted + duplicate + late + invalid + future",
            ),
            RowRule(Check.BOOKS, "the offsets read are not received + lost", "offsets_read <> received + lost"),
        ),
    ),
    Rows("dead_letters", "received_at", "topic", ("cluster_id", "topic", '"partition"', '"offset"')),
    Rows("series_totals", "first_seen", "service", ("service", "endpoint")),
    Rows(
        "anomalies",
        "window_start",
        "service",
        ("anomaly_id",),
        (
            RowRule(Check.NULLS, "resolved and resolved_at disagree", "resolved <> (resolved_at IS NOT NULL)"),
            RowRule(Check.IMPOSSIBLE_TIMES, "it ends before it begins", "window_end <= window_start"),
        ),
    ),
    Rows("incident_summaries", "emitted_at", "incident_id", ("incident_id", "revision")),
    Rows("injections", "started_at", "service", ("injection_id",)),
)
"""Every table that is looked at row by row."""
