"""What ``/metrics`` shows of injected faults and their detection: the score of the last 24 hours of stream time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.times import to_epoch_ms, window_start
from exporters.store.detection_score import Score, find_score
from exporters.store.pool import CursorPool
from exporters.store.selection import EVERY, Filter, Span

SCORED_TIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DetectionFigures:
    """The score as in one minute of stream time; None when nothing was injected: there is nothing to compare with."""

    minute: datetime
    score: Score | None


def read_detection(
    pool: CursorPool, stream_time: datetime | None, earlier: DetectionFigures | None
) -> DetectionFigures | None:
    """Return the score; None before there is stream time.

    Args:
        pool: where the queries run.
        stream_time: the end of the time that is scored.
        earlier: read before, since when neither anomalies nor injections changed: it holds for its minute, because
            time alone changes little within one, and the queries cost more than all others. None to read again.
    """
    if stream_time is None:
        return None
    minute = window_start(stream_time)
    if earlier is not None and earlier.minute == minute:
        return earlier
    return DetectionFigures(minute, find_score(pool, _until(stream_time), "figures"))


def _until(stream_time: datetime) -> Filter:
    end_ms = to_epoch_ms(stream_time)
    scored = Span(to_epoch_ms(stream_time - SCORED_TIME), end_ms)
    return Filter(span=scored, as_of_ms=end_ms, now_ms=end_ms, limit=EVERY)
