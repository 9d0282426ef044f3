"""How far the events on ``raw_events`` reach: from there on a backfill fills."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from contracts.event import Rejected, parse_event
from runtime.topic_log import BrokerUnavailableError, Message, RecordSource

LAST_RECORDS = 500
"""So many records at the end of each partition are looked at: events are out of order, and some are none."""

_POLL_SECONDS = 0.2
_DEADLINE_SECONDS = 30.0


def newest_event_time(
    raw_events: RecordSource, now: datetime, clock: Callable[[], float] = time.monotonic
) -> datetime | None:
    """Return the time of the newest event that is not ahead of ``now``; None when the topic has none.

    Raises:
        BrokerUnavailableError: the broker does not answer, or the end was not reached in time.
        ClusterChangedError: the broker was replaced meanwhile.
    """
    times = [moment for message in _last_records(raw_events, clock) for moment in _event_times(message)]
    return max((moment for moment in times if moment <= now), default=None)


def _last_records(raw_events: RecordSource, clock: Callable[[], float]) -> Iterable[Message]:
    ends = raw_events.end_offsets()
    raw_events.seek({source: max(0, end - LAST_RECORDS) for source, end in ends.items()})
    waiting = {source for source, end in ends.items() if end > 0}
    deadline = clock() + _DEADLINE_SECONDS
    while waiting:
        if clock() > deadline:
            raise BrokerUnavailableError(f"the end of {sorted(waiting)} was not reached")
        messages = raw_events.poll(_POLL_SECONDS, LAST_RECORDS)
        yield from messages
        caught_up = {source for source, records in raw_events.lag().items() if records == 0}
        waiting -= caught_up | {each.source for each in messages if each.offset + 1 >= ends[each.source]}


def _event_times(message: Message) -> Iterable[datetime]:
    try:
        yield parse_event(message.value, message.timestamp).event_time
    except Rejected:
        return
