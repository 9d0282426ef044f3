-- Every TIMESTAMP is in UTC. No primary keys: their index would live in memory, and every writer folds before it writes.

-- One row per window, series and cluster. Counts of different clusters add up: a wiped broker means other events.
-- Within a cluster each number is the maximum that was ever published.
CREATE TABLE endpoint_metrics (
    window_start TIMESTAMP NOT NULL,
    window_end TIMESTAMP NOT NULL,
    service VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    cluster_id VARCHAR NOT NULL,
    request_count BIGINT NOT NULL,
    error_count BIGINT NOT NULL,
    error_rate DOUBLE NOT NULL,
    avg_latency_ms DOUBLE NOT NULL,
    p50_latency_ms DOUBLE NOT NULL,
    p95_latency_ms DOUBLE NOT NULL,
    p99_latency_ms DOUBLE NOT NULL,
    max_latency_ms DOUBLE NOT NULL,
    bucket_index SMALLINT[] NOT NULL,
    bucket_requests BIGINT[] NOT NULL,
    bucket_errors BIGINT[] NOT NULL,
    bucket_latency_sum_seconds DOUBLE[] NOT NULL,
    bucket_latency_max_seconds DOUBLE[] NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- One row per window and service: its endpoints and clusters merged.
CREATE TABLE service_metrics AS SELECT * EXCLUDE (endpoint, cluster_id) FROM endpoint_metrics;

-- The same with endpoint '', the platform's sign for a whole service.
CREATE VIEW whole_service_metrics AS SELECT '' AS endpoint, * FROM service_metrics;

-- One row per hour and series; endpoint '' is the whole service, so that a long range needs no merging.
CREATE TABLE hourly_metrics AS SELECT * EXCLUDE (cluster_id) FROM endpoint_metrics;

-- One row per series over all time; it outlives every other row of the series. ordinal is the order of arrival, from 1,
-- and never changes. Buckets are the classic ones that /metrics shows: bound 2^(k/2) seconds, see the macro to_classic.
CREATE TABLE series_totals (
    ordinal BIGINT NOT NULL,
    service VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    first_seen TIMESTAMP NOT NULL,
    last_seen TIMESTAMP NOT NULL,
    request_count BIGINT NOT NULL,
    error_count BIGINT NOT NULL,
    latency_sum_seconds DOUBLE NOT NULL,
    classic_index TINYINT[] NOT NULL,
    classic_requests BIGINT[] NOT NULL
);

-- Running totals as Prometheus counts them; labels is a JSON object with sorted keys.
CREATE TABLE counters (
    name VARCHAR NOT NULL,
    labels VARCHAR NOT NULL,
    value DOUBLE NOT NULL
);

-- The books of each micro-batch; offsets and invalid_reasons are JSON objects.
CREATE TABLE stream_batches (
    run_id VARCHAR NOT NULL,
    batch_id BIGINT NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    offsets VARCHAR NOT NULL,
    offsets_read BIGINT NOT NULL,
    received BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    late BIGINT NOT NULL,
    invalid BIGINT NOT NULL,
    invalid_reasons VARCHAR NOT NULL,
    future BIGINT NOT NULL,
    lost BIGINT NOT NULL,
    watermark TIMESTAMP,
    max_event_time TIMESTAMP,
    duration_seconds DOUBLE NOT NULL
);

-- How far the sink has come, written together with the rows that it covers.
CREATE TABLE consumed_offsets (
    cluster_id VARCHAR NOT NULL,
    topic VARCHAR NOT NULL,
    "partition" INTEGER NOT NULL,
    next_offset BIGINT NOT NULL,
    max_event_time TIMESTAMP
);

CREATE TABLE dead_letters (
    cluster_id VARCHAR NOT NULL,
    topic VARCHAR NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    reason VARCHAR NOT NULL,
    encoding VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL
);
