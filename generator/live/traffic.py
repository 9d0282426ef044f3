"""The traffic of the shop: requests, what faults make of them, and the messages that come of it, along the time."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from generator.account import Message
from generator.encoding import encode_event
from generator.live.catalog import CATALOG, NOT_FOUND_SHARE, Service
from generator.live.faults import Effect, Fault, effect_of
from generator.live.injections import Injections, Piece
from generator.live.requests import Flow, Process, Request
from generator.live.rhythm import rhythm
from generator.live.transit import Transit
from generator.row import Row

STRETCH_MESSAGES = 2_000
"""About how many messages are made at once."""

_SHORTEST_STRETCH_MS, _LONGEST_STRETCH_MS = 10, 60_000
_leaves_ms = attrgetter("leaves_ms")


@dataclass(frozen=True, slots=True)
class Demand:
    """How much traffic of which luck: the mean rate in events per second, the daily amplitude and the seed."""

    seed: int
    rate: float
    amplitude: float


class ServiceTraffic:
    """The requests of one service, with what the running fault does to them."""

    def __init__(self, service: Service, demand: Demand, start_ms: int) -> None:
        self.name = service.name
        self._service, self._demand = service, demand
        self._usual = Flow(self._process("", 1.0), start_ms)
        self._surplus: tuple[Fault, Flow] | None = None

    def answered(self, pieces: Iterable[Piece], from_ms: int) -> Iterator[tuple[Request, Row]]:
        """Yield every request of the stretch that the pieces cut, from ``from_ms`` on, with what became of it."""
        for until_ms, fault in pieces:
            effect = effect_of(fault)
            requests = self._usual.until(until_ms)
            if fault is not None and effect.surplus:
                requests += self._surplus_flow(fault, effect.surplus, from_ms).until(until_ms)
            for request in requests:
                if request.admission < effect.admitted_share:
                    yield request, self._row(request, effect)
            from_ms = until_ms

    def _surplus_flow(self, fault: Fault, surplus: float, from_ms: int) -> Flow:
        if self._surplus is None or self._surplus[0].planned_ms != fault.planned_ms:
            self._surplus = fault, Flow(self._process(f"-{fault.planned_ms}", surplus), from_ms)
        return self._surplus[1]

    def _process(self, suffix: str, factor: float) -> Process:
        demand, mean = self._demand, self._demand.rate * self._service.share * factor
        key = f"{demand.seed:x}-{self.name}{suffix}"
        return Process(key, self._service, lambda minute: mean * rhythm(minute, demand.amplitude))

    def _row(self, request: Request, effect: Effect) -> Row:
        latency_ms = round(request.latency_ms * effect.slowdown, 3)
        status = _status(request, effect.error_share)
        return Row(request.event_id, request.moment_ms, self.name, request.endpoint.path, latency_ms, status, None)


def _status(request: Request, error_share: float) -> int:
    if request.outcome < error_share:
        return 500 if request.outcome < error_share / 2 else 503
    return 404 if request.outcome < error_share + NOT_FOUND_SHARE else request.endpoint.usual_status


class Traffic:
    """The messages of all services, in the order in which they leave. ``at_ms`` is how far it has come."""

    def __init__(self, demand: Demand, injections: Injections, transit: Transit, start_ms: int) -> None:
        """Begin at ``start_ms``, in milliseconds since 1970 UTC."""
        self._demand, self._injections, self._transit = demand, injections, transit
        self._in_transit: list[Message] = []
        self._injections.begin(start_ms)
        self._services = self._from(start_ms)
        self.at_ms = start_ms

    @property
    def stretch_ms(self) -> int:
        """A length of time, in milliseconds, that usually has about ``STRETCH_MESSAGES`` messages."""
        wanted = int(STRETCH_MESSAGES / self._demand.rate * 1000)
        return min(max(wanted, _SHORTEST_STRETCH_MS), _LONGEST_STRETCH_MS)

    def advance(self, until_ms: int, *, in_order: bool = False) -> list[Message]:
        """Go on to ``until_ms`` and return the messages that leave before, in order.

        With ``in_order`` no event of the stretch is held back.
        """
        transit = replace(self._transit, disorder=0.0) if in_order else self._transit
        pieces = self._injections.advance(until_ms)
        for service in self._services:
            for request, row in service.answered(pieces[service.name], self.at_ms):
                self._in_transit.extend(transit.messages(request, encode_event(row)))
        self.at_ms = until_ms
        self._in_transit.sort(key=_leaves_ms)
        return self._leaving(bisect_left(self._in_transit, until_ms, key=_leaves_ms))

    def skip(self, to_ms: int) -> list[Message]:
        """Go on at ``to_ms``, without traffic in between; return the messages that are still in transit."""
        self._injections.skip(to_ms)
        self._services = self._from(to_ms)
        self.at_ms = to_ms
        return self.release()

    def release(self) -> list[Message]:
        """Return the messages that are held back: their requests completed, nothing else will send them."""
        return self._leaving(len(self._in_transit))

    def _from(self, at_ms: int) -> list[ServiceTraffic]:
        return [ServiceTraffic(service, self._demand, at_ms) for service in CATALOG]

    def _leaving(self, number: int) -> list[Message]:
        leaving, self._in_transit = self._in_transit[:number], self._in_transit[number:]
        return leaving
