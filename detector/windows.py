"""Open windows: what was counted so far in windows that are not judged yet."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.records import UtcTime
from detector.arrivals import UNKNOWN_THIRDS, Thirds

Histogram = dict[int, tuple[int, int]]
"""Requests and errors by bucket index."""

Endpoints = dict[str, Histogram]


class WindowCounts(NamedTuple):
    """Counts of one endpoint in one window; ``buckets`` are ``(index, requests, errors)``, cumulative.

    ``arrivals`` are the requests of each bucket in the first and in the second third of the window; empty where that is
    not known.
    """

    window_start: UtcTime
    service: str
    endpoint: str
    buckets: Sequence[tuple[int, int, int]]
    arrivals: Sequence[tuple[int, int]] = ()


class ServiceCounts(NamedTuple):
    """What was counted for a service in a window."""

    endpoints: Endpoints
    thirds: Thirds = UNKNOWN_THIRDS


Arrivals = dict[str, dict[int, tuple[int, int]]]
"""Requests in the first and in the second third of a window, by endpoint and bucket index."""


class OpenWindows:
    """Keeps the maximum of each number, so that order and repetition of what arrives do not matter."""

    def __init__(self, counts: Iterable[WindowCounts] = ()) -> None:
        self._windows: dict[datetime, dict[str, Endpoints]] = {}
        self._arrivals: dict[datetime, dict[str, Arrivals]] = {}
        for each in counts:
            self.add(each)

    def add(self, counts: WindowCounts) -> None:
        """Merge what was counted."""
        services = self._windows.setdefault(counts.window_start, {})
        histogram = services.setdefault(counts.service, {}).setdefault(counts.endpoint, {})
        for index, requests, errors in counts.buckets:
            known = histogram.get(index)
            new = (requests, errors)
            histogram[index] = new if known is None else (max(known[0], requests), max(known[1], errors))
        if counts.arrivals:
            self._add_arrivals(counts)

    def _add_arrivals(self, counts: WindowCounts) -> None:
        services = self._arrivals.setdefault(counts.window_start, {})
        arrivals = services.setdefault(counts.service, {}).setdefault(counts.endpoint, {})
        for (index, _, _), new in zip(counts.buckets, counts.arrivals, strict=True):
            known = arrivals.get(index)
            arrivals[index] = new if known is None else (max(known[0], new[0]), max(known[1], new[1]))

    def starting_before(self, until: datetime) -> list[datetime]:
        """Return the starts of the windows that hold something and start before ``until``, oldest first."""
        return sorted(start for start in self._windows if start < until)

    def close(self, window_start: datetime) -> dict[str, ServiceCounts]:
        """Return and forget what was counted in a window, by service; empty when nothing was."""
        counted = self.look(window_start)
        self._windows.pop(window_start, None)
        self._arrivals.pop(window_start, None)
        return counted

    def look(self, window_start: datetime) -> dict[str, ServiceCounts]:
        """Return what was counted in a window so far, by service."""
        arrivals = self._arrivals.get(window_start, {})
        return {
            service: ServiceCounts(endpoints, _thirds(endpoints, arrivals.get(service, {})))
            for service, endpoints in self._windows.get(window_start, {}).items()
        }

    def counts(self) -> list[WindowCounts]:
        """Return everything that is open."""
        return [
            counts
            for start, services in self._windows.items()
            for service, endpoints in services.items()
            for endpoint, histogram in endpoints.items()
            for counts in self._counts(start, service, endpoint, histogram)
        ]

    def _counts(self, start: datetime, service: str, endpoint: str, histogram: Histogram) -> Iterator[WindowCounts]:
        """Yield the buckets of an endpoint whose arrivals are known, and those whose are not."""
        arrivals = self._arrivals.get(start, {}).get(service, {}).get(endpoint, {})
        known = [index for index in histogram if index in arrivals]
        unknown = [index for index in histogram if index not in arrivals]
        for indexes, when in ((known, [arrivals[index] for index in known]), (unknown, [])):
            if indexes:
                yield WindowCounts(start, service, endpoint, [(index, *histogram[index]) for index in indexes], when)


def _thirds(endpoints: Endpoints, arrivals: Arrivals) -> Thirds:
    """Return when the requests of a service came; unknown where it is for a single bucket."""
    for endpoint, histogram in endpoints.items():
        if arrivals.get(endpoint, {}).keys() != histogram.keys():
            return UNKNOWN_THIRDS
    requests = sum([requests for histogram in endpoints.values() for requests, _ in histogram.values()])
    first = second = 0
    for known in arrivals.values():
        for in_first, in_second in known.values():
            first += in_first
            second += in_second
    return Thirds(first, second, requests - first - second)
