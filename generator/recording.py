"""Recordings: CSV files of requests, compressed with gzip or not, read as a stream of rows in time order.

``event_time`` of a replayed event is the recorded ``ts_ms``, the **start** of the request, although an event's time is
when the request completed. Replays are compared with plain SQL over ``ts_ms``, and recordings are sorted by it: adding
the latency would put requests into other windows than that SQL does, and out of order.

The identity of a row is ``<first 12 hex digits of the content's SHA-256>-<number of the row, from 1>``. The digest is
that of the uncompressed bytes, so that compressing a file anew changes no identity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.recording_file import MalformedRecordingError, content_digest, read_rows
from generator.row import Row


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that was read once from end to end. Times are recorded ones, in milliseconds since 1970 UTC."""

    path: Path
    digest: str
    row_count: int
    first_ms: int
    last_ms: int
    in_order: bool

    @property
    def span_ms(self) -> int:
        """Milliseconds between the first and the last request."""
        return self.last_ms - self.first_ms

    def rows(self, shift_ms: int = 0) -> Iterator[Row]:
        """Read the rows in time order, each ``shift_ms`` later than recorded.

        A file in order is read as its rows are asked for. One that is not is sorted in memory; its rows keep the
        number, and with it the identity, that they have in the file.

        Raises:
            RecordingError: the file has changed since it was opened.
        """
        rows = read_rows(self.path, self.digest, shift_ms)
        return rows if self.in_order else iter(sorted(rows, key=lambda row: row.event_time_ms))


def open_recording(path: Path) -> Recording:
    """Read a file from end to end, so that a mistake in it is found before anything is sent.

    Raises:
        UnreadableRecordingError: the file is absent, or its compressed data is damaged.
        MalformedRecordingError: the header or a row is wrong, or there are no rows.
    """
    digest = content_digest(path)
    first = next(read_rows(path, digest, shift_ms=0), None)
    if first is None:
        raise MalformedRecordingError(path, None, "the file has a header and no rows")
    row_count, in_order, first_ms, last_ms = 0, True, first.event_time_ms, first.event_time_ms
    for row in read_rows(path, digest, shift_ms=0):
        row_count += 1
        in_order = in_order and row.event_time_ms >= last_ms
        first_ms = min(first_ms, row.event_time_ms)
        last_ms = max(last_ms, row.event_time_ms)
    return Recording(path, digest, row_count, first_ms, last_ms, in_order)
