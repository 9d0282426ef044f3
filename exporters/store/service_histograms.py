"""SQL that several queries share."""

HISTOGRAMS = """merged AS (
    SELECT service, bucket_index, sum(requests) AS requests, sum(errors) AS errors FROM buckets GROUP BY ALL
),
histograms AS (
    SELECT
        service, sum(requests)::BIGINT AS requests, sum(errors)::BIGINT AS errors,
        list(bucket_index ORDER BY bucket_index) AS indexes, list(requests ORDER BY bucket_index) AS counts
    FROM merged
    GROUP BY service
)"""
"""Common table expressions: from ``buckets`` (service, bucket_index, requests, errors) to one histogram per service."""
