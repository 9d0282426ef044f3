"""Reading what a topic already holds, from its beginning to its end at the time of asking."""

import time
from collections.abc import Callable, Iterator

from runtime.topic_log import BrokerUnavailableError, Message, RecordSource

_POLL_SECONDS = 0.2
_MAX_MESSAGES = 1_000


def read_to_end(
    source: RecordSource, deadline_seconds: float = 60.0, clock: Callable[[], float] = time.monotonic
) -> Iterator[Message]:
    """Yield every record that the topics hold when it is called; the source then continues after them.

    Raises:
        BrokerUnavailableError: the broker does not answer, or the end was not reached ``deadline_seconds`` after the
            last record.
        ClusterChangedError: the broker was replaced meanwhile.
    """
    ends = source.end_offsets()
    source.seek({})
    waiting = {partition for partition, end in ends.items() if end > 0}
    moved = clock()
    while waiting:
        messages = source.poll(_POLL_SECONDS, _MAX_MESSAGES)
        yield from messages
        arrived = {message.source for message in messages if message.offset + 1 >= ends[message.source]}
        caught_up = {partition for partition, records in source.lag().items() if records == 0}
        waiting -= arrived | caught_up
        if messages:
            moved = clock()
        elif clock() - moved > deadline_seconds:
            raise BrokerUnavailableError(f"the end of {sorted(waiting)} was not reached in {deadline_seconds:g} s")
