"""Queries about the accounting: micro-batches, dead letters and the books over all time.

Rows are flat, named as the API names them, times in epoch milliseconds. A row is in range when it overlaps
``[from_ms, to_ms]``.
"""

from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Span

_BATCHES = """
SELECT
    batch_id, run_id, epoch_ms(ended_at) AS ended_at,
    received, counted, duplicate, late, invalid, future, lost,
    received - counted - duplicate - late - invalid - future AS unaccounted,
    duration_seconds,
    date_diff('millisecond', watermark, ended_at) / 1000 AS watermark_age_seconds
FROM stream_batches
WHERE epoch_ms(ended_at) >= $from_ms AND epoch_ms(ended_at) - 1000 * duration_seconds <= $to_ms
ORDER BY stream_batches.ended_at DESC, batch_id DESC
LIMIT $limit
"""

_DEAD_LETTERS = """
SELECT
    epoch_ms(received_at) AS time, reason, topic, "partition", "offset", size_bytes, content[:512] AS preview, sha256
FROM dead_letters
WHERE epoch_ms(received_at) BETWEEN $from_ms AND $to_ms
ORDER BY received_at DESC, topic, "partition", "offset" DESC
LIMIT $limit
"""

_BOOKS = """
WITH sums AS (
    SELECT
        coalesce(sum(value) FILTER (WHERE name = 'events_received_total'), 0)::BIGINT AS received,
        coalesce(sum(value) FILTER (WHERE name = 'events_counted_total'), 0)::BIGINT AS counted,
        coalesce(sum(value) FILTER (WHERE name = 'events_duplicate_total'), 0)::BIGINT AS duplicate,
        coalesce(sum(value) FILTER (WHERE name = 'events_late_total'), 0)::BIGINT AS late,
        coalesce(sum(value) FILTER (WHERE name = 'events_rejected_total'), 0)::BIGINT AS rejected,
        coalesce(sum(value) FILTER (
            WHERE name = 'events_rejected_total' AND labels = '{"reason": "future"}'
        ), 0)::BIGINT AS future,
        coalesce(sum(value) FILTER (WHERE name = 'events_lost_total'), 0)::BIGINT AS lost,
        coalesce(sum(value) FILTER (WHERE name = 'events_offsets_total'), 0)::BIGINT AS offsets_read,
        coalesce(sum(value) FILTER (
            WHERE name = 'streaming_batch_duration_seconds_bucket' AND labels = '{"le": "+Inf"}'
        ), 0)::BIGINT AS batches
    FROM counters
)
SELECT
    received, counted, duplicate, late, rejected - future AS invalid, future, lost,
    received - counted - duplicate - late - rejected AS unaccounted,
    offsets_read,
    (SELECT coalesce(sum(request_count), 0)::BIGINT FROM series_totals) AS requests_stored,
    (SELECT count(*) FROM endpoint_metrics) AS windows,
    batches,
    (SELECT count(DISTINCT run_id) FROM stream_batches) AS runs
FROM sums
"""


def batch_rows(pool: CursorPool, span: Span, limit: int) -> list[Row]:
    """Return the books of each micro-batch, newest first; the watermark's age is None before the first watermark."""
    return pool.rows("batches", _BATCHES, {"from_ms": span.from_ms, "to_ms": span.to_ms, "limit": limit})


def dead_letter_rows(pool: CursorPool, span: Span, limit: int) -> list[Row]:
    """Return rejected messages, newest first; what cannot be printed is replaced in the preview."""
    rows = pool.rows("dead_letters", _DEAD_LETTERS, {"from_ms": span.from_ms, "to_ms": span.to_ms, "limit": limit})
    return [{**row, "preview": _printable(row["preview"])} for row in rows]


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def books_row(pool: CursorPool) -> Row:
    """Return the books over all time: what was received, what became of it, and what the tables hold."""
    return pool.rows("books", _BOOKS)[0]
