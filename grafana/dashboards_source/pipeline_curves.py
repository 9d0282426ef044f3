"""How fast the pipeline is: its delay, the lag of its consumers, its batches."""

from grafana.dashboards_source.curves import limit, strong, thin
from grafana.dashboards_source.vocabulary import PART_COLOURS, SECONDS
from grafana.schema.colours import Colour
from grafana.schema.fields import DRAWN_DASHED, Field
from grafana.schema.graphs import TimeSeries
from grafana.schema.panels import Place
from grafana.schema.queries import PromQL
from grafana.schema.scales import thresholds


def behind_real_time(place: Place) -> TimeSeries:
    """Return the delay of each part; the subqueries carry over the moments between scrapes."""
    behind = "time() - max by (part) (stream_time_timestamp_seconds)"
    return TimeSeries(
        "Behind real time",
        "How far each part is behind the clock. The part where the curves separate is the one that holds the others"
        " up.",
        place,
        queries=(
            PromQL("max_over_time(max(pipeline_freshness_seconds)[1m:15s])", "oldest unprocessed"),
            PromQL(f"max_over_time(({behind})[1m:15s])", "{{part}}"),
        ),
        shown=Field(
            unit=SECONDS,
            soft_most=70,
            thresholds=thresholds(Colour.NONE, (60, Colour.WARNING), (300, Colour.CRITICAL)),
            threshold_lines=DRAWN_DASHED,
        ),
        overrides=(strong("oldest unprocessed"), *PART_COLOURS),
    )


def consumer_lag(place: Place) -> TimeSeries:
    """Return the lag of each consumer: a curve per topic would have the same colour and no room in the legend."""
    return TimeSeries(
        "Consumer lag",
        "Records between the end of a topic and the consumer's own position, for its topic with most of them. The"
        " dashed line is the alert limit of raw_events, which streaming reads; for the other topics it is 1000.",
        place,
        queries=(
            PromQL("max by (consumer) (sum by (consumer, topic) (kafka_consumer_lag))", "{{consumer}}"),
            PromQL('max(pipeline:consumer_lag_limit:records{topic="raw_events"})', "limit for raw_events"),
        ),
        shown=Field(unit="short", soft_most=6000),
        overrides=(*PART_COLOURS, limit("limit for raw_events")),
    )


def batch_duration(place: Place) -> TimeSeries:
    """Return the time of the micro-batches."""
    metric = "streaming_batch_duration_seconds"
    total, count = (f"sum(rate({metric}_{part}[$__rate_interval]))" for part in ("sum", "count"))
    buckets = f"sum by (le) (rate({metric}_bucket[$__rate_interval]))"
    return TimeSeries(
        "Batch duration",
        "Time of one micro-batch. Above the trigger interval the stream falls behind.",
        place,
        queries=(
            PromQL(f"{total} / {count}", "mean"),
            PromQL(f"histogram_quantile(0.95, {buckets})", "p95"),
            PromQL("max(streaming_trigger_interval_seconds)", "trigger interval"),
        ),
        shown=Field(unit="s", soft_most=6),
        overrides=(thin("mean", Colour.MEASURED_LIGHT), strong("p95"), limit("trigger interval")),
    )
