"""Folding window updates into the facts, in SQL over whole batches.

A fact is (window_start, service, endpoint, cluster_id, bucket): within it each number is the maximum that ever arrived,
so repeats and old copies change nothing. The rows that a batch really changes are left in the temporary table
``changed``, their numbers and those that were stored before in ``changed_buckets``: the roll-ups go on from there.
"""

from collections.abc import Sequence

import duckdb

from contracts.records import WindowUpdate
from exporters.store.arriving import updates_table
from exporters.store.minutes_kept import minutes_kept_since
from exporters.store.rollups import ROLLUPS
from exporters.store.transaction import registered, run

_TOUCHED = """
CREATE OR REPLACE TEMP TABLE touched AS
WITH arrived AS (
    SELECT window_start, service, endpoint, any_value(window_end) AS window_end, max(updated_at) AS updated_at
    FROM arriving
    GROUP BY window_start, service, endpoint
)
SELECT
    row_number() OVER ()::INTEGER AS row_id, window_start, arrived.window_end, service, endpoint,
    greatest(arrived.updated_at, stored.updated_at) AS updated_at,
    stored.updated_at IS NULL OR arrived.updated_at > stored.updated_at AS is_newer
FROM arrived LEFT JOIN (
    SELECT window_start, service, endpoint, updated_at
    FROM endpoint_metrics
    WHERE cluster_id = $cluster_id AND window_start BETWEEN $first AND $last
) AS stored USING (window_start, service, endpoint)
"""

_FOLDED = """
CREATE OR REPLACE TEMP TABLE folded AS
WITH numbers AS (
    SELECT
        row_id, FALSE AS is_stored,
        unnest(bucket_index) AS bucket_index, unnest(bucket_requests) AS requests, unnest(bucket_errors) AS errors,
        unnest(bucket_latency_sum_seconds) AS latency_sum, unnest(bucket_latency_max_seconds) AS latency_max
    FROM arriving JOIN touched USING (window_start, service, endpoint)
    UNION ALL
    SELECT
        row_id, TRUE,
        unnest(bucket_index), unnest(bucket_requests), unnest(bucket_errors),
        unnest(bucket_latency_sum_seconds), unnest(bucket_latency_max_seconds)
    FROM endpoint_metrics JOIN touched USING (window_start, service, endpoint)
    WHERE cluster_id = $cluster_id AND window_start BETWEEN $first AND $last
)
SELECT
    row_id, bucket_index,
    max(requests) AS requests,
    max(errors) AS errors,
    addable_seconds(max(latency_sum)) AS latency_sum,
    max(latency_max) AS latency_max,
    coalesce(max(requests) FILTER (WHERE is_stored), 0) AS stored_requests,
    coalesce(max(errors) FILTER (WHERE is_stored), 0) AS stored_errors,
    coalesce(max(latency_sum) FILTER (WHERE is_stored), 0) AS stored_latency_sum,
    coalesce(max(latency_max) FILTER (WHERE is_stored), -1) AS stored_latency_max
FROM numbers
WHERE requests > 0
GROUP BY row_id, bucket_index
"""

_CHANGED = """
CREATE OR REPLACE TEMP TABLE changed AS
SELECT * EXCLUDE (is_newer)
FROM touched SEMI JOIN (
    SELECT row_id
    FROM folded JOIN touched USING (row_id)
    WHERE is_newer OR requests > stored_requests OR errors > stored_errors
        OR latency_sum > stored_latency_sum OR latency_max > stored_latency_max
) USING (row_id)
"""

_CHANGED_BUCKETS = """
CREATE OR REPLACE TEMP TABLE changed_buckets AS SELECT * FROM folded SEMI JOIN changed USING (row_id)
"""

_OLD_ENDPOINTS = """
DELETE FROM endpoint_metrics AS old USING changed AS new
WHERE old.window_start = new.window_start AND old.service = new.service AND old.endpoint = new.endpoint
    AND old.cluster_id = $cluster_id AND old.window_start BETWEEN $first AND $last
"""

_NEW_ENDPOINTS = """
INSERT INTO endpoint_metrics BY NAME
SELECT *, $cluster_id AS cluster_id FROM metric_rows('changed', 'changed_buckets')
"""

_FACTS = (_TOUCHED, _FOLDED, _CHANGED, _CHANGED_BUCKETS, _OLD_ENDPOINTS, _NEW_ENDPOINTS)


def fold_updates(cursor: duckdb.DuckDBPyConnection, cluster_id: str, updates: Sequence[WindowUpdate]) -> None:
    """Bring window updates of one cluster into the facts and everything that is computed from them.

    Copies of minutes that retention removed are passed over: hours and totals would count them again.
    """
    since = minutes_kept_since(cursor)
    told = [update for update in updates if update.buckets and (since is None or update.window_start >= since)]
    if not told:
        return
    windows = [update.window_start.replace(tzinfo=None) for update in told]
    parameters = {"cluster_id": cluster_id, "first": min(windows), "last": max(windows)}
    with registered(cursor, "arriving", updates_table(told)):
        for statement in (*_FACTS, *ROLLUPS):
            run(cursor, statement, parameters)
