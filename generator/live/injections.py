"""The faults that run: begun by chance or on request, announced when they begin and when they end early."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import NamedTuple

from contracts.anomalies import AnomalyType
from contracts.injections import Injection
from contracts.times import from_epoch_ms, to_epoch_ms, to_rfc3339
from generator.live.chance import LONGEST_MS, Plan
from generator.live.faults import Fault, typical_magnitude

_FIRST, _ENDED_EARLY = 1, 2


class NotLiveError(RuntimeError):
    """There is no live traffic yet that a fault could be put into."""


class FaultRunsError(RuntimeError):
    """A fault that was asked for runs on the service; the message says until when."""


class Piece(NamedTuple):
    """Part of a stretch of time, up to ``until_ms``, in which one fault runs on a service, or none."""

    until_ms: int
    fault: Fault | None


class Injections:
    """The faults of all services, along the time of the traffic. Threads may share it.

    At most one fault runs on a service. One that was asked for ends one by chance, and keeps others from beginning.
    """

    def __init__(
        self,
        services: Iterable[str],
        plan: Plan,
        now: Callable[[], datetime],
        announce: Callable[[Injection], None],
    ) -> None:
        """Prepare.

        Args:
            services: the names of the services.
            plan: the faults that come by chance.
            now: the time in UTC.
            announce: takes note of a fault that begins, or ends early; it must not block.
        """
        self._faults: dict[str, list[Fault]] = {service: [] for service in services}
        self._plan, self._now, self._announce = plan, now, announce
        self._lock = threading.Lock()
        self._live = False
        self._at_ms = self._unplanned_ms = 0

    def begin(self, at_ms: int) -> None:
        """Begin, or go on, at a moment; of a planned fault that would run there, the rest does."""
        with self._lock:
            self._at_ms, self._unplanned_ms = at_ms, at_ms - LONGEST_MS

    def go_live(self) -> None:
        """From here on faults by chance are no history, and faults may be asked for."""
        with self._lock:
            self._live = True

    def advance(self, until_ms: int) -> dict[str, list[Piece]]:
        """Go on to ``until_ms`` and return, for every service, the stretch in between cut where faults begin or end."""
        with self._lock:
            pieces = {}
            for service, faults in self._faults.items():
                self._begin_planned(service, until_ms)
                pieces[service] = _cut(faults, self._at_ms, until_ms)
                faults[:] = [fault for fault in faults if fault.end_ms > until_ms]
            self._at_ms = self._unplanned_ms = until_ms
            return pieces

    def request(self, service: str, kind: AnomalyType, length_ms: int, magnitude: float | None = None) -> Injection:
        """Begin a fault at this moment; without a magnitude a typical one is drawn.

        Raises:
            NotLiveError: before ``go_live``.
            FaultRunsError: another one that was asked for runs on the service.
        """
        with self._lock:
            if not self._live:
                raise NotLiveError("live traffic has not begun yet; /health says what it waits for")
            start_ms = max(to_epoch_ms(self._now()), self._at_ms)
            self._make_room(service, start_ms)
            if magnitude is None:
                magnitude = typical_magnitude(kind, Random(start_ms))  # noqa: S311 - any will do
            fault = Fault(service, kind, start_ms, start_ms, start_ms + length_ms, magnitude, "request")
            return self._start(fault)

    def running(self) -> list[Injection]:
        """Return the faults that run at this moment, as they were planned."""
        now = self._now()
        at_ms = to_epoch_ms(now)
        with self._lock:
            faults = [fault for faults in self._faults.values() for fault in faults if fault.overlaps(at_ms, at_ms + 1)]
        return [fault.record(_FIRST, now) for fault in faults]

    def skip(self, to_ms: int) -> None:
        """Go on at ``to_ms``, without traffic in between: what would have ended there ended here."""
        with self._lock:
            self._end_early(lambda fault: fault.end_ms <= to_ms)
        self.begin(to_ms)

    def end(self) -> None:
        """End every fault: there is no traffic any more."""
        with self._lock:
            self._end_early(lambda _fault: True)

    def _begin_planned(self, service: str, until_ms: int) -> None:
        for planned in self._plan.between(service, self._unplanned_ms, until_ms):
            start_ms = max(planned.start_ms, self._at_ms)
            fault = replace(planned, start_ms=start_ms, origin="chance" if self._live else "history")
            busy = any(other.overlaps(start_ms, fault.end_ms) for other in self._faults[service])
            if fault.end_ms > start_ms and not busy:
                self._start(fault)

    def _make_room(self, service: str, at_ms: int) -> None:
        for fault in self._faults[service]:
            if fault.end_ms > at_ms:
                if fault.origin == "request":
                    until = to_rfc3339(from_epoch_ms(fault.end_ms))
                    raise FaultRunsError(f"{fault.kind} that was asked for runs on {service} until {until}")
                self._replace(fault, replace(fault, end_ms=at_ms))

    def _end_early(self, which: Callable[[Fault], bool]) -> None:
        for fault in [fault for faults in self._faults.values() for fault in faults if which(fault)]:
            self._replace(fault, replace(fault, end_ms=max(fault.start_ms, self._at_ms)))

    def _start(self, fault: Fault) -> Injection:
        self._faults[fault.service].append(fault)
        record = fault.record(_FIRST, self._now())
        self._announce(record)
        return record

    def _replace(self, fault: Fault, ended: Fault) -> None:
        faults = self._faults[fault.service]
        faults[faults.index(fault)] = ended
        self._announce(ended.record(_ENDED_EARLY, self._now()))


def _cut(faults: Iterable[Fault], from_ms: int, until_ms: int) -> list[Piece]:
    pieces: list[Piece] = []
    for fault in sorted(faults, key=lambda fault: fault.start_ms):
        if fault.overlaps(from_ms, until_ms):
            if fault.start_ms > from_ms:
                pieces.append(Piece(fault.start_ms, None))
            from_ms = min(fault.end_ms, until_ms)
            pieces.append(Piece(from_ms, fault))
    if from_ms < until_ms:
        pieces.append(Piece(until_ms, None))
    return pieces
