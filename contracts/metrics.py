"""The one table of metrics: what each is called, what it means and what to do when it moves.

``/metrics`` of every service, the documentation, dashboards and rules are checked against it. Names are in base units
(seconds, ratios), ``_total`` marks counters, and what is unknown is absent, never 0.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a metric behaves: only up, up and down, or counted by size."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``name`` is as exposed, ``action`` says what to do when it is not as it should be."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    meaning: str
    action: str


def _counter(name: str, unit: str, labels: tuple[str, ...], meaning: str, action: str) -> Metric:
    return Metric(name, Kind.COUNTER, unit, labels, meaning, action)


def _gauge(name: str, unit: str, labels: tuple[str, ...], meaning: str, action: str) -> Metric:
    return Metric(name, Kind.GAUGE, unit, labels, meaning, action)


def _histogram(name: str, unit: str, labels: tuple[str, ...], meaning: str, action: str) -> Metric:
    return Metric(name, Kind.HISTOGRAM, unit, labels, meaning, action)


_SERIES = ("service", "endpoint")
_NONE: tuple[str, ...] = ()
_BOOKS = "Compare the classes on /api/v1/batches; unaccounted must be 0."

SERVICE_REQUESTS = _counter(
    "service_requests_total", "requests", _SERIES, "Requests counted, open windows included.", "None: this is traffic."
)
SERVICE_ERRORS = _counter(
    "service_errors_total", "requests", _SERIES, "Requests with status 500 or above.", "Look at the service."
)
SERVICE_LATENCY = _histogram(
    "service_request_latency_seconds", "seconds", _SERIES, "Latency of requests.", "Look at the service."
)
WINDOW_RATE = _gauge(
    "service_window_request_rate",
    "requests per second",
    ("service",),
    "Requests per second in the newest closed window.",
    "A sudden drop is as alarming as errors.",
)
WINDOW_ERROR_RATIO = _gauge(
    "service_window_error_ratio", "ratio", ("service",), "Share of errors in the newest closed window.", "See above."
)
WINDOW_LATENCY = _gauge(
    "service_window_latency_seconds",
    "seconds",
    ("service", "quantile"),
    "Latency quantile of the newest closed window, within 1.1 % of the true value.",
    "Look at the service.",
)
EVENTS_RECEIVED = _counter("events_received_total", "events", _NONE, "Events that Spark read from Kafka.", _BOOKS)
EVENTS_COUNTED = _counter("events_counted_total", "events", _NONE, "Events counted in a window.", _BOOKS)
EVENTS_DUPLICATE = _counter(
    "events_duplicate_total", "events", _NONE, "Repeats of an event_id, counted once.", "Expected where clients retry."
)
EVENTS_LATE = _counter(
    "events_late_total",
    "events",
    _NONE,
    "Events older than the watermark, not counted.",
    "Raise WATERMARK_DELAY_SECONDS or find the slow producer.",
)
EVENTS_REJECTED = _counter(
    "events_rejected_total",
    "events",
    ("reason",),
    "Invalid and future events, by reason.",
    "Read /api/v1/dead-letters and tell the producer.",
)
EVENTS_LOST = _counter(
    "events_lost_total",
    "events",
    _NONE,
    "Offsets that Kafka dropped before they were read.",
    "Raise the retention of raw_events or the speed of streaming.",
)
EVENTS_OFFSETS = _counter(
    "events_offsets_total",
    "offsets",
    _NONE,
    "Offsets of raw_events that finished batches cover.",
    "Must be received plus lost; /api/v1/books says by how much it is not.",
)
CONSUMER_LAG = _gauge(
    "kafka_consumer_lag",
    "records",
    ("topic", "consumer"),
    "End of the topic less the consumer's own position.",
    "A lag that grows: the consumer is slower than the producer, or down.",
)
FRESHNESS = _gauge(
    "pipeline_freshness_seconds",
    "seconds",
    _NONE,
    "Age of the oldest unprocessed record; 0 when caught up.",
    "Find the part that stands still on /ready.",
)
STREAM_TIME = _gauge(
    "stream_time_timestamp_seconds", "seconds", ("part",), "Stream time that a part has reached.", "See freshness."
)
BATCH_DURATION = _histogram(
    "streaming_batch_duration_seconds",
    "seconds",
    _NONE,
    "Time of one micro-batch.",
    "Above the trigger interval the stream falls behind: more cores or smaller batches.",
)
TRIGGER_INTERVAL = _gauge(
    "streaming_trigger_interval_seconds", "seconds", _NONE, "Setting TRIGGER_SECONDS.", "None: this is a setting."
)
QUERY_DURATION = _histogram(
    "db_query_duration_seconds",
    "seconds",
    ("query",),
    "Time of the store's queries; sink_apply is the write.",
    "Narrow the range, or look for a disk that is slow.",
)
DB_CONNECTIONS_ACTIVE = _gauge(
    "db_connections_active", "connections", _NONE, "Cursors in use by HTTP requests.", "See db_connections_max."
)
DB_CONNECTIONS_MAX = _gauge("db_connections_max", "connections", _NONE, "Setting DB_POOL_SIZE.", "None: a setting.")
SINK_RECORDS = _counter(
    "sink_records_total",
    "records",
    ("topic", "outcome"),
    "Topic records by outcome: applied, or malformed (skipped).",
    "A malformed record names its position in the exporters' log.",
)
SINK_RECORDS_LOST = _counter(
    "sink_records_lost_total",
    "records",
    ("topic",),
    "Topic records that vanished before the exporters read them.",
    "Raise the topic's retention or keep the exporters running.",
)
HTTP_REQUESTS = _counter(
    "http_requests_total",
    "requests",
    ("path", "status"),
    "Answers of the JSON API by route and status.",
    "Status 503: the pool is exhausted. 400: a client sends something the API does not know.",
)

METRICS = tuple(value for value in list(vars().values()) if isinstance(value, Metric))
"""Every metric of the platform."""

BY_NAME = {metric.name: metric for metric in METRICS}
