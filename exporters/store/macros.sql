-- What contracts/histogram.py does, for the store. A test holds the two together.

CREATE OR REPLACE MACRO representative_seconds(index) AS
    CASE WHEN index <= -638 THEN 0.0 ELSE pow(2.0, (index - 0.5) / 32) END;

-- Index of the bucket that holds the nearest rank; indexes are sorted, total is the sum of requests. In whole numbers,
-- seen >= ceil(total * per_mille / 1000) is seen * 1000 >= total * per_mille.
CREATE OR REPLACE MACRO quantile_index(indexes, requests, total, per_mille) AS
    list_reduce(
        list_zip(indexes, requests),
        lambda seen, bucket: CASE
            WHEN seen[2]::BIGINT * 1000 >= total::BIGINT * per_mille THEN seen
            ELSE (bucket[1], seen[2] + bucket[2])
        END
    )[1];

CREATE OR REPLACE MACRO quantile_ms(indexes, requests, total, per_mille) AS
    1000 * representative_seconds(quantile_index(indexes, requests, total, per_mille));

-- Sums of multiples of 2^-40 s stay exact below 2^13 s, so adding them gives the same number in any order.
CREATE OR REPLACE MACRO addable_seconds(seconds) AS round(seconds * 1099511627776) / 1099511627776;

-- Classic Prometheus bucket k has the upper bound 2^(k/2) s: -20 is 0.98 ms, 12 is 64 s, 13 stands for +Inf.
CREATE OR REPLACE MACRO to_classic(index) AS least(greatest(ceil(index / 16.0), -20), 13)::TINYINT;

-- Buckets, any number of rows per bucket, and the keys of their rows to metric rows. Until here rows are told apart by
-- row_id alone: names and times are copied once per row and not once per bucket.
CREATE OR REPLACE MACRO metric_rows(key_table, bucket_table) AS TABLE
    WITH merged AS (
        SELECT
            row_id, bucket_index,
            sum(requests)::BIGINT AS requests, sum(errors)::BIGINT AS errors,
            sum(latency_sum) AS latency_sum, max(latency_max) AS latency_max
        FROM query_table(bucket_table)
        GROUP BY row_id, bucket_index
    ),
    histograms AS (
        SELECT
            row_id, sum(requests)::BIGINT AS request_count, sum(errors)::BIGINT AS error_count,
            list_sort(list({
                'bucket_index': bucket_index, 'requests': requests, 'errors': errors,
                'latency_sum': latency_sum, 'latency_max': latency_max
            })) AS buckets
        FROM merged
        GROUP BY row_id
    ),
    columns AS (
        SELECT
            row_id, request_count, error_count,
            list_transform(buckets, lambda b: b.bucket_index) AS bucket_index,
            list_transform(buckets, lambda b: b.requests) AS bucket_requests,
            list_transform(buckets, lambda b: b.errors) AS bucket_errors,
            list_transform(buckets, lambda b: b.latency_sum) AS bucket_latency_sum_seconds,
            list_transform(buckets, lambda b: b.latency_max) AS bucket_latency_max_seconds
        FROM histograms
    )
    SELECT
        window_start, window_end, service, endpoint, updated_at, columns.* EXCLUDE (row_id),
        error_count / request_count AS error_rate,
        1000 * list_sum(bucket_latency_sum_seconds) / request_count AS avg_latency_ms,
        quantile_ms(bucket_index, bucket_requests, request_count, 500) AS p50_latency_ms,
        quantile_ms(bucket_index, bucket_requests, request_count, 950) AS p95_latency_ms,
        quantile_ms(bucket_index, bucket_requests, request_count, 990) AS p99_latency_ms,
        1000 * list_max(bucket_latency_max_seconds) AS max_latency_ms
    FROM columns JOIN query_table(key_table) USING (row_id)
    ORDER BY window_start, service, endpoint;

-- Metric rows to one row per step and series, as the JSON API gives them: windows where they are kept, hours before.
-- A rate is over the part of the step that stream time has reached; of ratios and quantiles the largest is kept, so
-- that peaks stay when one zooms out. Endpoint '' is the whole service.
CREATE OR REPLACE MACRO metric_steps(source, kept_since_ms, begin_ms, step_ms, end_ms, services, endpoints) AS TABLE
    WITH newest AS (SELECT epoch_ms(max(window_end)) AS reached FROM service_metrics),
    windows AS (
        SELECT
            window_start, service, endpoint, request_count, error_rate, p50_latency_ms, p95_latency_ms, p99_latency_ms
        FROM query_table(source)
        WHERE window_start >= make_timestamp_ms(greatest(begin_ms, kept_since_ms))
            AND window_start < make_timestamp_ms(end_ms)
        UNION ALL
        SELECT
            window_start, service, endpoint, request_count, error_rate, p50_latency_ms, p95_latency_ms, p99_latency_ms
        FROM hourly_metrics
        WHERE window_start >= make_timestamp_ms(begin_ms)
            AND window_start < make_timestamp_ms(least(end_ms, kept_since_ms))
    ),
    steps AS (
        SELECT begin_ms + (epoch_ms(window_start) - begin_ms) // step_ms * step_ms AS time, *
        FROM windows
        WHERE (services IS NULL OR list_contains(services, service)) AND list_contains(endpoints, endpoint)
    )
    SELECT
        time, service, endpoint,
        1000.0 * sum(request_count) / (least(time + step_ms, any_value(reached)) - time) AS request_rate,
        max(error_rate) AS error_ratio,
        max(p50_latency_ms) / 1000 AS p50_seconds,
        max(p95_latency_ms) / 1000 AS p95_seconds,
        max(p99_latency_ms) / 1000 AS p99_seconds
    FROM steps CROSS JOIN newest
    GROUP BY time, service, endpoint;

-- Whether something that began and, unless NULL, resolved is open at a moment. Before it began it is as it is now.
CREATE OR REPLACE MACRO is_open_at(started_at, resolved_at, as_of_ms) AS
    resolved_at IS NULL OR (epoch_ms(resolved_at) > as_of_ms AND epoch_ms(started_at) <= as_of_ms);

-- When it ended, in epoch milliseconds: what is open ends at the moment, or now when it began after the moment.
CREATE OR REPLACE MACRO end_ms(started_at, resolved_at, as_of_ms, now_ms) AS
    CASE
        WHEN NOT is_open_at(started_at, resolved_at, as_of_ms) THEN epoch_ms(resolved_at)
        WHEN epoch_ms(started_at) <= as_of_ms THEN as_of_ms
        ELSE greatest(epoch_ms(started_at), now_ms)
    END;
