"""What a detector is fed: minutes of counts with the stream time that is reached once they are complete."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from contracts.times import window_start
from detector.measurement import Measured, measure
from detector.windows import OpenWindows, WindowCounts


class Batch(NamedTuple):
    """Cumulative counts that changed, and the stream time after them."""

    counts: tuple[WindowCounts, ...]
    stream_time: datetime


class MeasuredMinute(NamedTuple):
    """What every service with requests measured in a minute, whole."""

    window_start: datetime
    services: Mapping[str, Measured]


def measured_minutes(batches: Iterable[Batch]) -> Iterator[MeasuredMinute]:
    """Yield every minute once it is over, for rules that know nothing but measurements."""
    windows = OpenWindows()
    for batch in batches:
        for counts in batch.counts:
            windows.add(counts)
        for start in windows.starting_before(window_start(batch.stream_time)):
            services = sorted(windows.close(start).items())
            measured = {service: measure(start, counts.endpoints.values()) for service, counts in services}
            yield MeasuredMinute(start, {name: each for name, each in measured.items() if each.requests > 0})
