"""The plain rules that everybody begins with: peers to compare the detector with, never part of it.

Each judges a minute by itself, from the mean of the hour before it, incidents and all.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from statistics import fmean, pstdev

from contracts.times import WINDOW
from detector.measurement import Measured
from detector.open_episodes import JUDGING_DELAY
from evaluation.alarms import Alarm
from evaluation.feed import Batch, MeasuredMinute, measured_minutes

SLA_SECONDS = 0.5
_HOUR = 60

Past = deque[Measured]
"""The windows of the last hour of a service, oldest first."""

PlainRule = Callable[[Measured, Past], bool]


def error_rate_over_mean(measured: Measured, past: Past) -> bool:
    """Error ratio above 3 x the mean of the last hour."""
    ratios = [each.error_ratio for each in past if each.error_ratio is not None]
    return bool(ratios) and measured.error_ratio is not None and measured.error_ratio > 3 * fmean(ratios)


def latency_over_sla(measured: Measured, _past: Past) -> bool:
    """The p95 above 2 x 500 ms."""
    return measured.latency_p95_seconds is not None and measured.latency_p95_seconds > 2 * SLA_SECONDS


def mean_and_deviations(measured: Measured, past: Past) -> bool:
    """Error ratio or p95 above mean + 3 standard deviations of the last hour."""
    now = (measured.error_ratio, measured.latency_p95_seconds)
    before = ([each.error_ratio for each in past], [each.latency_p95_seconds for each in past])
    for value, values in zip(now, before, strict=True):
        known = [each for each in values if each is not None]
        if value is not None and len(known) >= 10 and value > fmean(known) + 3 * pstdev(known):
            return True
    return False


PLAIN_RULES: dict[str, tuple[PlainRule, ...]] = {
    "errors > 3 x mean": (error_rate_over_mean,),
    "p95 > 2 x SLA": (latency_over_sla,),
    "both plain rules": (error_rate_over_mean, latency_over_sla),
    "mean + 3 sd": (mean_and_deviations,),
}
"""The peers by the name that the report gives them; an alarm is on where one of the rules says so."""


def plain_alarms(batches: Iterable[Batch], rules: tuple[PlainRule, ...]) -> list[Alarm]:
    """Return the alarms of plain rules: consecutive bad minutes, on from when the first was whole."""
    found: list[Alarm] = []
    for rule in rules:
        found += _alarms(measured_minutes(batches), rule)
    return found


def _alarms(minutes: Iterable[MeasuredMinute], rule: PlainRule) -> Iterator[Alarm]:
    past: dict[str, Past] = {}
    on: dict[str, Alarm] = {}
    for start, services in minutes:
        end = (start + WINDOW).timestamp()
        for service, measured in services.items():
            history = past.setdefault(service, deque(maxlen=_HOUR))
            if rule(measured, history):
                known = on.get(service)
                called = end + JUDGING_DELAY.total_seconds() if known is None else known.start_seconds
                on[service] = Alarm(service, rule.__name__, called, max(called, end))
            elif service in on:
                yield on.pop(service)
            history.append(measured)
    yield from on.values()
