"""The one table of metrics: what each is called, what it means and what to do when it moves.

``/metrics`` of every service, the documentation, dashboards and rules are checked against it. Names are in base units
(seconds, ratios), ``_total`` marks counters, and what is unknown is absent, never 0.
"""

from contracts.metric import Metric, counter, gauge, histogram, untyped

_SERIES = ("service", "endpoint")
_NONE: tuple[str, ...] = ()
_BOOKS = "Compare the classes on /api/v1/batches; unaccounted must be 0."

SERVICE_REQUESTS = counter(
    "service_requests_total", "requests", _SERIES, "Requests counted, open windows included.", "None: this is traffic."
)
SERVICE_ERRORS = counter(
    "service_errors_total", "requests", _SERIES, "Requests with status 500 or above.", "Look at the service."
)
SERVICE_LATENCY = histogram(
    "service_request_latency_seconds", "seconds", _SERIES, "Latency of requests.", "Look at the service."
)
WINDOW_RATE = gauge(
    "service_window_request_rate",
    "requests per second",
    ("service",),
    "Requests per second in the newest closed window.",
    "A sudden drop is as alarming as errors.",
)
WINDOW_ERROR_RATIO = gauge(
    "service_window_error_ratio", "ratio", ("service",), "Share of errors in the newest closed window.", "See above."
)
WINDOW_LATENCY = untyped(
    "service_window_latency_seconds",
    "seconds",
    ("service", "quantile"),
    "Latency quantile of the newest closed window, within 1.1 % of the true value.",
    "Look at the service.",
)
EVENTS_RECEIVED = counter("events_received_total", "events", _NONE, "Events that Spark read from Kafka.", _BOOKS)
EVENTS_COUNTED = counter("events_counted_total", "events", _NONE, "Events counted in a window.", _BOOKS)
EVENTS_DUPLICATE = counter(
    "events_duplicate_total", "events", _NONE, "Repeats of an event_id, counted once.", "Expected where clients retry."
)
EVENTS_LATE = counter(
    "events_late_total",
    "events",
    _NONE,
    "Events older than the watermark, not counted.",
    "Raise WATERMARK_DELAY_SECONDS or find the slow producer.",
)
EVENTS_REJECTED = counter(
    "events_rejected_total",
    "events",
    ("reason",),
    "Invalid and future events, by reason.",
    "Read /api/v1/dead-letters and tell the producer.",
)
EVENTS_LOST = counter(
    "events_lost_total",
    "events",
    _NONE,
    "Offsets that Kafka dropped before they were read.",
    "Raise the retention of raw_events or the speed of streaming.",
)
EVENTS_OFFSETS = counter(
    "events_offsets_total",
    "offsets",
    _NONE,
    "Offsets of raw_events that finished batches cover.",
    "Must be received plus lost; /api/v1/books says by how much it is not.",
)
CONSUMER_LAG = gauge(
    "kafka_consumer_lag",
    "records",
    ("topic", "consumer"),
    "End of the topic less the consumer's own position.",
    "A lag that grows: the consumer is slower than the producer, or down.",
)
FRESHNESS = gauge(
    "pipeline_freshness_seconds",
    "seconds",
    _NONE,
    "Age of the oldest unprocessed record; 0 when caught up.",
    "Find the part that stands still on /ready.",
)
STREAM_TIME = gauge(
    "stream_time_timestamp_seconds", "seconds", ("part",), "Stream time that a part has reached.", "See freshness."
)
BATCH_DURATION = histogram(
    "streaming_batch_duration_seconds",
    "seconds",
    _NONE,
    "Time of one micro-batch.",
    "Above the trigger interval the stream falls behind: more cores or smaller batches.",
)
TRIGGER_INTERVAL = gauge(
    "streaming_trigger_interval_seconds", "seconds", _NONE, "Setting TRIGGER_SECONDS.", "None: this is a setting."
)
QUERY_DURATION = histogram(
    "db_query_duration_seconds",
    "seconds",
    ("query",),
    "Time of the store's queries; sink_apply is the write.",
    "Narrow the range, or look for a disk that is slow.",
)
DB_CONNECTIONS_ACTIVE = gauge(
    "db_connections_active", "connections", _NONE, "Cursors in use by HTTP requests.", "See db_connections_max."
)
DB_CONNECTIONS_MAX = gauge("db_connections_max", "connections", _NONE, "Setting DB_POOL_SIZE.", "None: a setting.")
SINK_RECORDS = counter(
    "sink_records_total",
    "records",
    ("topic", "outcome"),
    "Topic records by outcome: applied, or malformed (skipped).",
    "A malformed record names its position in the exporters' log.",
)
SINK_RECORDS_LOST = counter(
    "sink_records_lost_total",
    "records",
    ("topic",),
    "Topic records that vanished before the exporters read them.",
    "Raise the topic's retention or keep the exporters running.",
)
HTTP_REQUESTS = counter(
    "http_requests_total",
    "requests",
    ("path", "status"),
    "Answers of the JSON API by route and status.",
    "Status 503: the pool is exhausted. 400: a client sends something the API does not know.",
)

EXPECTED_REQUEST_RATE = gauge(
    "service_expected_request_rate",
    "requests per second",
    ("service", "bound"),
    "Band that the detector expects for the newest judged window.",
    "Outside of it look at the service.",
)
EXPECTED_ERROR_RATIO = gauge(
    "service_expected_error_ratio",
    "ratio",
    ("service", "bound"),
    "Largest error ratio that the detector takes as usual for the newest judged window.",
    "Above it look at the service.",
)
EXPECTED_LATENCY = untyped(
    "service_expected_latency_seconds",
    "seconds",
    ("service", "quantile", "bound"),
    "Band that the detector expects for the newest judged window.",
    "Outside of it look at the service.",
)
SLA_LATENCY = untyped(
    "service_sla_latency_seconds", "seconds", ("service", "quantile"), "Promised limit.", "None: this is a setting."
)
SLO_OBJECTIVE = gauge(
    "slo_objective_ratio", "ratio", ("service",), "Promised share of good requests.", "None: this is a setting."
)
SLO_BUDGET_REMAINING = gauge(
    "slo_error_budget_remaining_ratio",
    "ratio",
    ("service",),
    "Part of the 7-day error budget that is unspent; negative when the objective is missed.",
    "Below a quarter stop risky changes; below 0 the promise is broken.",
)
ANOMALIES_DETECTED = counter(
    "anomalies_detected_total",
    "anomalies",
    ("service", "type", "severity"),
    "Anomalies by service, type and the severity of their first revision.",
    "Look at the incident on /api/v1/incidents.",
)
ANOMALIES_ACTIVE = gauge(
    "anomalies_active",
    "anomalies",
    ("service", "type", "severity"),
    "Anomalies that are open.",
    "Look at the incident on /api/v1/incidents.",
)
INCIDENTS_OPEN = gauge(
    "incidents_open", "incidents", ("severity",), "Incidents with an open anomaly.", "Read its summary and check first."
)
INCIDENT_SUMMARIES = counter(
    "incident_summaries_total",
    "incidents",
    ("source",),
    "Incidents that were told, by the source of their first revision.",
    "None: see llm_requests_total for the model's part.",
)
INJECTIONS_RECORDED = counter(
    "injections_recorded_total", "injections", ("service", "kind"), "Faults that the generator reported.", "None."
)
DETECTION_INJECTIONS = gauge(
    "detection_injections",
    "injections",
    ("kind", "outcome"),
    "Injected faults of the last 24 hours of stream time by outcome: detected, missed, running, or pending (over, and"
    " may still be found). Absent, as all detection_ metrics, while the generator injected nothing in that time.",
    "Missed ones are on /api/v1/injections: thin traffic, or a limit that is too far away?",
)
DETECTION_RECALL = gauge(
    "detection_recall_ratio",
    "ratio",
    _NONE,
    "Detected faults as a share of the detected and missed ones of the last 24 hours of stream time.",
    "docs/detection.md says what to expect of each kind of fault. All missed: does the detector run?",
)
DETECTION_FALSE_ALARMS = gauge(
    "detection_false_alarms",
    "incidents",
    _NONE,
    "Incidents of the last 24 hours of stream time in which an anomaly overlaps no injected fault of its service.",
    "Look at them on /api/v1/incidents: a real fault of the platform or the machine, or a limit that is too close.",
)
DETECTION_DELAY = untyped(
    "detection_delay_seconds",
    "seconds",
    ("quantile",),
    "Stream time from the begin of a fault to its detection, of the detected ones of the last 24 hours of it.",
    "Compare with docs/detection.md. What the pipeline adds is in pipeline_freshness_seconds.",
)
LLM_REQUESTS = counter(
    "llm_requests_total",
    "requests",
    ("outcome",),
    "Questions to the language model by outcome: ok, ungrounded, timeout, error.",
    "Everything but ok leaves the template's text: see llm_failures_total for the reason.",
)
LLM_FAILURES = counter(
    "llm_failures_total",
    "requests",
    ("reason",),
    "Questions that the model did not answer usably: unreachable, missing_model, busy, http_error, timeout,"
    " invalid_answer, ungrounded.",
    "missing_model: ollama pull it. unreachable: is Ollama running, is OLLAMA_URL right? timeout: a smaller model.",
)
LLM_DURATION = histogram(
    "llm_request_duration_seconds", "seconds", _NONE, "Time of one question to the model.", "See llm_timeout_seconds."
)
LLM_TIMEOUT = gauge("llm_timeout_seconds", "seconds", _NONE, "Setting LLM_TIMEOUT_SECONDS.", "None: a setting.")
SUMMARIES_PUBLISHED = counter(
    "narrator_summaries_published_total",
    "summaries",
    ("source",),
    "Revisions of summaries that the narrator published.",
    "None.",
)
INCIDENTS_WAITING = gauge(
    "narrator_incidents_waiting",
    "incidents",
    _NONE,
    "Incidents whose text is the template's and which the model is still to be asked about.",
    "A number that stays: the model is slower than incidents come, or does not answer.",
)
RECORDS_READ = counter(
    "records_read_total",
    "records",
    ("topic", "consumer", "outcome"),
    "Topic records that a service read, by outcome: applied, malformed (skipped), or late (of a judged window).",
    "A malformed record names its position in the service's log.",
)
WINDOWS_JUDGED = counter(
    "detector_windows_judged_total",
    "judgements",
    ("rule", "verdict"),
    "Judgements by rule and verdict: normal, anomalous, too_few, no_data, no_baseline.",
    "Many too_few: lower DETECTOR_MIN_REQUESTS, or accept that thin traffic cannot be judged.",
)
EPISODES_OPEN = gauge("detector_episodes_open", "anomalies", _NONE, "Open anomalies in the detector.", "None.")
DETECTOR_SERIES = gauge("detector_series", "series", _NONE, "Services whose past the detector keeps.", "None.")
ANOMALY_REVISIONS = counter(
    "detector_revisions_published_total", "records", _NONE, "Revisions of anomalies that were published.", "None."
)
SNAPSHOT_TIME = gauge(
    "detector_snapshot_timestamp_seconds",
    "seconds",
    _NONE,
    "When the detector last saved its state.",
    "Old while stream time advances: DETECTOR_STATE_DIR cannot be written.",
)
MESSAGES_SENT = counter(
    "generator_messages_sent_total",
    "messages",
    ("kind",),
    "Messages that the broker acknowledged: good, duplicate, broken, by what the platform must make of them.",
    "Compare with events_received_total.",
)
MESSAGES_FAILED = counter(
    "generator_messages_failed_total",
    "messages",
    _NONE,
    "Messages that the broker did not acknowledge.",
    "Is the broker up and its disk not full?",
)
GENERATOR_BEHIND = gauge(
    "generator_behind_seconds",
    "seconds",
    _NONE,
    "How late the newest message was sent.",
    "Grows: this machine cannot make GENERATOR_RATE events a second.",
)
GENERATOR_RATE = gauge(
    "generator_target_rate", "events per second", _NONE, "Setting GENERATOR_RATE.", "None: this is a setting."
)
INJECTIONS_STARTED = counter(
    "generator_injections_total", "injections", ("service", "kind"), "Faults that were injected.", "None."
)
INJECTIONS_ACTIVE = gauge(
    "generator_injections_active", "injections", ("service", "kind"), "Faults that run at this moment.", "None."
)
JOB_LAST_SUCCESS = gauge(
    "maintenance_job_last_success_timestamp_seconds",
    "seconds",
    ("job",),
    "When the job last succeeded.",
    "Older than one and a half intervals: make jobs says why, make run-job JOB=... runs it.",
)
JOB_INTERVAL = gauge("maintenance_job_interval_seconds", "seconds", ("job",), "How often it should run.", "None.")
JOB_DURATION = gauge(
    "maintenance_job_last_duration_seconds", "seconds", ("job",), "How long the last run took.", "None."
)
JOB_RUNS = counter(
    "maintenance_job_runs_total",
    "runs",
    ("job", "outcome"),
    "Finished runs by outcome: succeeded, failed.",
    "make jobs shows the error of the last run.",
)
HEALTH_STATUS = gauge(
    "health_check_status",
    "status",
    ("check",),
    "Verdict of the last health report: 0 ok, 1 warning, 2 critical.",
    "make health says the value and the remedy.",
)
QUALITY_FINDINGS = gauge(
    "quality_findings",
    "findings",
    ("check",),
    "Findings of the last data quality run.",
    "Read /api/v1/quality-findings.",
)
DISK_FREE = gauge(
    "store_disk_free_ratio",
    "ratio",
    _NONE,
    "Free part of the disk of the database.",
    "Below 0.15 make room; below 0.05 it is urgent.",
)
DATABASE_SIZE = gauge(
    "store_database_size_bytes",
    "bytes",
    _NONE,
    "Size of the database file.",
    "Lower RETENTION_DAYS when it is too big.",
)
SERVICE_UP = gauge(
    "service_health",
    "boolean",
    ("part",),
    "Whether the process answered its /health with a 200 when the exporters last asked: 1 or 0.",
    "Read its log; make status shows it.",
)

METRICS = tuple(value for value in list(vars().values()) if isinstance(value, Metric))
"""Every metric of the platform."""

BY_NAME = {metric.name: metric for metric in METRICS}
