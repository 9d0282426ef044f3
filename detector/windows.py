"""Open windows: what was counted so far in windows that are not judged yet."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.records import UtcTime

Histogram = dict[int, tuple[int, int]]
"""Requests and errors by bucket index."""

Endpoints = dict[str, Histogram]


class WindowCounts(NamedTuple):
    """Counts of one endpoint in one window; ``buckets`` are ``(index, requests, errors)``, cumulative."""

    window_start: UtcTime
    service: str
    endpoint: str
    buckets: Sequence[tuple[int, int, int]]


class OpenWindows:
    """Keeps the maximum of each number, so that order and repetition of what arrives do not matter."""

    def __init__(self, counts: Iterable[WindowCounts] = ()) -> None:
        self._windows: dict[datetime, dict[str, Endpoints]] = {}
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

    def starting_before(self, until: datetime) -> list[datetime]:
        """Return the starts of the windows that hold something and start before ``until``, oldest first."""
        return sorted(start for start in self._windows if start < until)

    def close(self, window_start: datetime) -> dict[str, Endpoints]:
        """Return and forget what was counted in a window, by service and endpoint; empty when nothing was."""
        return self._windows.pop(window_start, {})

    def look(self, window_start: datetime) -> dict[str, Endpoints]:
        """Return what was counted in a window so far, by service and endpoint."""
        return self._windows.get(window_start, {})

    def counts(self) -> list[WindowCounts]:
        """Return everything that is open."""
        return [
            WindowCounts(start, service, endpoint, [(index, *both) for index, both in histogram.items()])
            for start, services in self._windows.items()
            for service, endpoints in services.items()
            for endpoint, histogram in endpoints.items()
        ]
