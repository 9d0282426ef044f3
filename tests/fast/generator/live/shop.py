"""A shop on a clock of the test's own, with the faults that the test wants."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.anomalies import AnomalyType
from contracts.event import Event
from contracts.injections import Injection
from contracts.times import from_epoch_ms, to_epoch_ms
from generator.account import Kind, Message
from generator.live.catalog import SERVICE_NAMES
from generator.live.chance import Plan
from generator.live.faults import Fault
from generator.live.injections import Injections
from generator.live.traffic import Demand, Traffic
from generator.live.transit import Transit

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
START_MS = to_epoch_ms(START)
MINUTE_MS = 60_000


class Clock:
    """Time that passes only when a test, or a wait, says so."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Planned:
    """A plan of given faults, in any order."""

    def __init__(self, *faults: Fault) -> None:
        self._faults = sorted(faults, key=lambda fault: fault.start_ms)

    def between(self, service: str, from_ms: int, until_ms: int) -> list[Fault]:
        return [each for each in self._faults if each.service == service and from_ms <= each.start_ms < until_ms]


def fault(service: str, kind: AnomalyType, from_minute: float, to_minute: float, magnitude: float) -> Fault:
    """A planned fault between two minutes after ``START``."""
    begin, end = (START_MS + round(minute * MINUTE_MS) for minute in (from_minute, to_minute))
    return Fault(service, kind, begin, begin, end, magnitude, "chance")


class Shop:
    """The traffic of a seed, with what was announced about its faults."""

    def __init__(  # noqa: PLR0913 - what a test may choose
        self,
        plan: Plan | None = None,
        *,
        rate: float = 60.0,
        seed: int = 1,
        amplitude: float = 0.0,
        transit: Transit | None = None,
        start_ms: int = START_MS,
        clock: Clock | None = None,
    ) -> None:
        self.announced: list[Injection] = []
        self.clock = Clock(from_epoch_ms(start_ms)) if clock is None else clock
        self.injections = Injections(SERVICE_NAMES, plan or Planned(), self.clock, self.announced.append)
        self.traffic = Traffic(Demand(seed, rate, amplitude), self.injections, transit or Transit(), start_ms)

    def messages(self, minutes: float, step_ms: int = MINUTE_MS) -> list[Message]:
        """The messages of so many minutes from where the traffic is, made in steps."""
        end = self.traffic.at_ms + round(minutes * MINUTE_MS)
        made: list[Message] = []
        while self.traffic.at_ms < end:
            made += self.traffic.advance(min(end, self.traffic.at_ms + step_ms))
        return made

    def events(self, minutes: float) -> list[Event]:
        """The events among these messages."""
        return events(self.messages(minutes))


def events(messages: Iterable[Message]) -> list[Event]:
    """The good ones among messages."""
    return [_event(json.loads(message.value or b"")) for message in messages if message.kind is Kind.GOOD]


def _event(fields: dict[str, Any]) -> Event:
    # Without the checks of parse_event, which take five times as long; another test applies them.
    return Event(**{**fields, "event_time": datetime.fromisoformat(fields["event_time"])})


def event_time_ms(message: Message) -> int:
    """When the request of a message completed."""
    return to_epoch_ms(datetime.fromisoformat(json.loads(message.value or b"")["event_time"]))


def of(service: str, found: Iterable[Event], from_minute: float = 0, to_minute: float = 10_000) -> list[Event]:
    """The events of a service between two minutes after ``START``."""
    begin, end = (START + timedelta(minutes=minute) for minute in (from_minute, to_minute))
    return [event for event in found if event.service == service and begin <= event.event_time < end]


def error_share(found: Sequence[Event]) -> float:
    """Which share of events are errors."""
    return sum(event.is_error for event in found) / len(found)


def quantile_ms(found: Sequence[Event], per_cent: int) -> float:
    """A quantile of the latency, in milliseconds."""
    return sorted(event.latency_ms for event in found)[len(found) * per_cent // 100]
