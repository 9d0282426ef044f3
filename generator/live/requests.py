"""Requests to one service: a Poisson process whose every minute can be made again.

A minute is a function of the process's key and the minute's number, so that any stretch comes out the same however it
is cut into portions. Every request carries the luck that decides about its fate, drawn whether it is needed or not:
a fault changes what happens to requests, never which requests there are.
"""

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, count
from random import Random
from typing import NamedTuple

from generator.live.catalog import Endpoint, Service
from generator.live.rhythm import MINUTE_MS


class Request(NamedTuple):
    """One request as it would be without faults; ``moment_ms`` is when it completes, in milliseconds since 1970 UTC.

    The luck is uniform in [0, 1): ``outcome`` decides the status, ``admission`` whether a traffic drop lets it
    through, ``repetition``, ``delay`` and ``breakage`` what happens in transit to the topic.
    """

    event_id: str
    moment_ms: int
    endpoint: Endpoint
    latency_ms: float
    outcome: float
    admission: float
    repetition: float
    delay: float
    breakage: float


# Half the time of calling the class, for tens of thousands a second.
_request = partial(tuple.__new__, Request)


@dataclass(frozen=True, slots=True)
class Process:
    """A Poisson process of requests to a service.

    Args:
        key: names the process; two processes with the same key have the same luck and the same identities.
        service: whose endpoints are asked.
        rate: requests per second in a minute, given as whole minutes since 1970 UTC; above 0.
    """

    key: str
    service: Service
    rate: Callable[[int], float]

    def minute(self, minute: int) -> Iterator[Request]:
        """Yield the requests of a minute in time order."""
        identity = f"{self.key}-{minute}"
        source = Random(identity)  # noqa: S311 - a simulation that has to repeat itself
        luck, gap, per_ms = source.random, source.expovariate, self.rate(minute) / 1000
        endpoints, weights = self.service.endpoints, list(accumulate(each.weight for each in self.service.endpoints))
        moment, end = minute * MINUTE_MS + gap(per_ms), (minute + 1) * MINUTE_MS
        for number in count():
            if moment >= end:
                return
            endpoint = endpoints[bisect(weights, luck() * weights[-1])]
            latency = endpoint.median_ms * source.lognormvariate(0, endpoint.sigma)
            fate = (luck(), luck(), luck(), luck(), luck())
            yield _request((f"{identity}-{number}", int(moment), endpoint, latency, *fate))
            moment += gap(per_ms)


class Flow:
    """The requests of a process from a moment on, handed out in portions."""

    def __init__(self, process: Process, start_ms: int) -> None:
        self._process = process
        self._at_ms = start_ms
        self._minute = process.minute(start_ms // MINUTE_MS)
        self._next = next((request for request in self._minute if request.moment_ms >= start_ms), None)

    def until(self, until_ms: int) -> list[Request]:
        """Return the next requests in time order: those before ``until_ms``, in milliseconds since 1970 UTC."""
        taken: list[Request] = []
        while self._at_ms < until_ms:
            minute, minute_end = self._at_ms // MINUTE_MS, (self._at_ms // MINUTE_MS + 1) * MINUTE_MS
            self._at_ms = min(until_ms, minute_end)
            while self._next is not None and self._next.moment_ms < self._at_ms:
                taken.append(self._next)
                self._next = next(self._minute, None)
            if self._at_ms == minute_end:
                self._minute = self._process.minute(minute + 1)
                self._next = next(self._minute, None)
        return taken
