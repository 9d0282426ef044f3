"""Which series have a name on ``/metrics``: the first that came; the rest add up in ``OTHER``."""

PLACED_SERIES = """services AS (
    SELECT service, row_number() OVER (ORDER BY min(ordinal)) <= $services AS named
    FROM series_totals
    GROUP BY service
),
placed AS (
    SELECT
        * EXCLUDE (named),
        CASE WHEN named THEN service ELSE $other END AS service_label,
        CASE
            WHEN named AND row_number() OVER (PARTITION BY named ORDER BY ordinal) <= $series THEN endpoint
            ELSE $other
        END AS endpoint_label
    FROM series_totals JOIN services USING (service)
)"""
"""Common table expressions: ``placed`` is every row of ``series_totals`` with the labels under which it is shown."""
