"""What is computed from the facts of a batch: whole services, hours and totals over all time.

Service rows are computed anew from the endpoint rows that they consist of. Hours and totals outlive the minutes, so
they only ever add what a batch changed (``changed_buckets`` less what was stored).
"""

_SERVICES = """
CREATE OR REPLACE TEMP TABLE services AS
SELECT
    row_number() OVER ()::INTEGER AS row_id, window_start, any_value(window_end) AS window_end, service,
    '' AS endpoint, max(updated_at) AS updated_at
FROM endpoint_metrics SEMI JOIN changed USING (window_start, service)
WHERE window_start BETWEEN $first AND $last
GROUP BY window_start, service
"""

_SERVICE_BUCKETS = """
CREATE OR REPLACE TEMP TABLE service_buckets AS
SELECT
    row_id,
    unnest(bucket_index) AS bucket_index, unnest(bucket_requests) AS requests, unnest(bucket_errors) AS errors,
    unnest(bucket_latency_sum_seconds) AS latency_sum, unnest(bucket_latency_max_seconds) AS latency_max
FROM endpoint_metrics JOIN services USING (window_start, service)
WHERE endpoint_metrics.window_start BETWEEN $first AND $last
"""

_OLD_SERVICES = """
DELETE FROM service_metrics AS old USING services AS new
WHERE old.window_start = new.window_start AND old.service = new.service AND old.window_start BETWEEN $first AND $last
"""

_NEW_SERVICES = """
INSERT INTO service_metrics BY NAME SELECT * EXCLUDE (endpoint) FROM metric_rows('services', 'service_buckets')
"""

_HOURS = """
CREATE OR REPLACE TEMP TABLE hours AS
WITH both_kinds AS (
    SELECT date_trunc('hour', window_start) AS window_start, service, endpoint, updated_at FROM changed
    UNION ALL
    SELECT date_trunc('hour', window_start), service, '', updated_at FROM changed
),
new_hours AS (
    SELECT window_start, service, endpoint, max(updated_at) AS updated_at
    FROM both_kinds
    GROUP BY window_start, service, endpoint
)
SELECT
    row_number() OVER ()::INTEGER AS row_id, window_start, window_start + INTERVAL 1 HOUR AS window_end,
    service, endpoint, greatest(new_hours.updated_at, stored.updated_at) AS updated_at
FROM new_hours LEFT JOIN (
    SELECT window_start, service, endpoint, updated_at
    FROM hourly_metrics
    WHERE window_start BETWEEN date_trunc('hour', $first::TIMESTAMP) AND $last
) AS stored USING (window_start, service, endpoint)
"""

_HOUR_BUCKETS = """
CREATE OR REPLACE TEMP TABLE hour_buckets AS
WITH parts AS (
    SELECT changed.row_id, hours.row_id AS hour_id
    FROM changed JOIN hours
        ON hours.window_start = date_trunc('hour', changed.window_start) AND hours.service = changed.service
            AND hours.endpoint IN (changed.endpoint, '')
)
SELECT
    hour_id AS row_id, bucket_index,
    requests - stored_requests AS requests, errors - stored_errors AS errors,
    latency_sum - stored_latency_sum AS latency_sum, latency_max
FROM changed_buckets JOIN parts USING (row_id)
UNION ALL
SELECT
    row_id, unnest(bucket_index), unnest(bucket_requests), unnest(bucket_errors),
    unnest(bucket_latency_sum_seconds), unnest(bucket_latency_max_seconds)
FROM hourly_metrics JOIN hours USING (window_start, service, endpoint)
WHERE window_start BETWEEN date_trunc('hour', $first::TIMESTAMP) AND $last
"""

_OLD_HOURS = """
DELETE FROM hourly_metrics AS old USING hours AS new
WHERE old.window_start = new.window_start AND old.service = new.service AND old.endpoint = new.endpoint
    AND old.window_start BETWEEN date_trunc('hour', $first::TIMESTAMP) AND $last
"""

_NEW_HOURS = "INSERT INTO hourly_metrics BY NAME FROM metric_rows('hours', 'hour_buckets')"

_TOTALS = """
CREATE OR REPLACE TEMP TABLE totals AS
WITH added AS (
    SELECT
        service, endpoint, to_classic(bucket_index) AS classic_index,
        sum(requests - stored_requests) AS requests, sum(errors - stored_errors) AS errors,
        sum(latency_sum - stored_latency_sum) AS latency_sum,
        min(window_start) AS first_seen, max(window_end) AS last_seen
    FROM changed_buckets JOIN changed USING (row_id)
    GROUP BY ALL
),
stored_series AS (SELECT * FROM series_totals SEMI JOIN changed USING (service, endpoint)),
numbers AS (
    FROM added
    UNION ALL BY NAME
    SELECT service, endpoint, unnest(classic_index) AS classic_index, unnest(classic_requests) AS requests
    FROM stored_series
    UNION ALL BY NAME
    SELECT service, endpoint, ordinal, error_count AS errors, latency_sum_seconds AS latency_sum, first_seen, last_seen
    FROM stored_series
),
merged AS (
    SELECT
        service, endpoint, classic_index, sum(requests)::BIGINT AS requests, sum(errors)::BIGINT AS errors,
        sum(latency_sum) AS latency_sum, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
        max(ordinal) AS ordinal
    FROM numbers
    GROUP BY service, endpoint, classic_index
)
SELECT
    service, endpoint, max(ordinal) AS ordinal, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
    sum(requests)::BIGINT AS request_count, sum(errors)::BIGINT AS error_count,
    sum(latency_sum) AS latency_sum_seconds,
    list_sort(list((classic_index, requests)) FILTER (WHERE classic_index IS NOT NULL)) AS buckets
FROM merged
GROUP BY service, endpoint
"""

_OLD_TOTALS = """
DELETE FROM series_totals AS old USING totals AS new WHERE old.service = new.service AND old.endpoint = new.endpoint
"""

_NEW_TOTALS = """
INSERT INTO series_totals BY NAME
WITH known AS (
    SELECT coalesce(max(ordinal), 0) AS series
    FROM (SELECT ordinal FROM series_totals UNION ALL SELECT ordinal FROM totals)
)
SELECT
    * EXCLUDE (ordinal, buckets, series),
    coalesce(
        ordinal,
        series + row_number() OVER (PARTITION BY ordinal IS NULL ORDER BY first_seen, service, endpoint)
    ) AS ordinal,
    list_transform(buckets, lambda b: b[1]) AS classic_index,
    list_transform(buckets, lambda b: b[2]) AS classic_requests
FROM totals CROSS JOIN known
"""

ROLLUPS = (
    _SERVICES,
    _SERVICE_BUCKETS,
    _OLD_SERVICES,
    _NEW_SERVICES,
    _HOURS,
    _HOUR_BUCKETS,
    _OLD_HOURS,
    _NEW_HOURS,
    _TOTALS,
    _OLD_TOTALS,
    _NEW_TOTALS,
)
"""The statements, in order; they run after those of ``fold`` with the parameters first and last."""
