"""The live generator's traffic with its own labels, counted in micro-batches as streaming counts it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.injections import Injection
from contracts.times import to_epoch_ms
from evaluation.alarms import Label, Span
from evaluation.counting import Counting
from evaluation.feed import Batch
from generator.live.catalog import CATALOG, SERVICE_NAMES
from generator.live.chance import Chance
from generator.live.injections import Injections
from generator.live.traffic import Demand, ServiceTraffic

BATCH_MS = 5_000
"""Length of a micro-batch, in milliseconds: streaming's default."""


@dataclass
class GeneratedTraffic:
    """Traffic of one seed. ``labels`` are the faults of the stretch that was made so far.

    Args:
        seed: of traffic and faults.
        start: when it begins.
        length: how long it is.
        rate: events per second on average over a day.
        amplitude: how much of its mean the traffic rises and falls over a day.
        fault_probability: that a fault begins, per service and minute without one.
    """

    seed: int
    start: datetime
    length: timedelta
    rate: float = 10.0
    amplitude: float = 0.3
    fault_probability: float = 0.05
    _injected: dict[str, Injection] = field(default_factory=dict)

    @property
    def span(self) -> Span:
        """The time of the traffic."""
        return Span(self.start.timestamp(), (self.start + self.length).timestamp())

    def labels(self) -> list[Label]:
        """Return the faults that were injected, in order of time."""
        return sorted(
            Label(each.started_at.timestamp(), each.service, each.kind.value, each.ended_at.timestamp())
            for each in self._injected.values()
        )

    def injections(self) -> list[Injection]:
        """Return the faults that were injected, with their magnitudes."""
        return list(self._injected.values())

    def batches(self) -> Iterator[Batch]:
        """Yield the counts batch by batch; stream time is that of the newest event."""
        injections = Injections(SERVICE_NAMES, Chance(self.seed, self.fault_probability), self._clock, self._announce)
        at_ms = to_epoch_ms(self.start)
        end_ms = to_epoch_ms(self.start + self.length)
        injections.begin(at_ms)
        demand = Demand(self.seed, self.rate, self.amplitude)
        services = [ServiceTraffic(service, demand, at_ms) for service in CATALOG]
        counting = Counting()
        while at_ms < end_ms:
            until_ms = min(at_ms + BATCH_MS, end_ms)
            pieces = injections.advance(until_ms)
            rows = [row for each in services for _, row in each.answered(pieces[each.name], at_ms)]
            at_ms = until_ms
            if rows:
                yield counting.batch(rows)

    def _clock(self) -> datetime:
        return self.start

    def _announce(self, injection: Injection) -> None:
        self._injected[injection.injection_id] = injection
