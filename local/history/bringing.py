"""Bringing the past into a Prometheus that runs, as samples that come out of order.

Only what Prometheus lacks is brought: from its newest sample of before the exporters showed the present. Samples that
it has already change nothing: what was interrupted is done again whenever it is asked for while the same exporters run.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from contracts.metrics import SLO_BUDGET_REMAINING
from local.history.past import ExportersPast, limits
from local.history.prometheus_api import HistoryError, PrometheusApi, Rule
from local.history.samples import STEP_MS, CutOffError, Outbox, read_samples, written

EXPORTERS, DETECTOR = "exporters", "detector"
LONGEST = timedelta(hours=23)
"""Less than what prometheus.yml allows samples to be late."""

MARK = SLO_BUDGET_REMAINING.name
"""The metric that is stored last: where it is, everything else is."""
RECORDED_OF_SERVICES = "service:"
"""How the names of the rules begin that read nothing but the past that is brought."""

_LONGEST_MS = LONGEST // timedelta(milliseconds=1)
_MARKS = f'{MARK}{{job="{EXPORTERS}"}}'
# An old sample is seen for five minutes, so no step of a minute misses it.
_NEWEST = f"max(timestamp({_MARKS})) or max(max_over_time(timestamp({_MARKS})[{_LONGEST_MS}ms:1m]))"


@dataclass(frozen=True, slots=True)
class Brought:
    """What was done: ``samples`` between two moments in epoch milliseconds, none when nothing was missing."""

    samples: int
    from_ms: int
    to_ms: int
    seconds: float


def bring_history(
    prometheus: PrometheusApi,
    token: SecretStr | None,
    deadline_seconds: float,
    waiting: Callable[[], None] = lambda: None,
) -> Brought:
    """Bring what is missing.

    Args:
        prometheus: where to; it says whom it scrapes, by which rules it records, and what it has.
        token: of the exporters.
        deadline_seconds: how long to wait for the store to be that of the present.
        waiting: is called while it is not.

    Raises:
        HistoryError: somebody does not answer, or refuses.
    """
    targets = prometheus.targets()
    if EXPORTERS not in targets:
        raise HistoryError("Prometheus does not know the exporters")
    past = ExportersPast(targets[EXPORTERS], token)
    until_ms = past.until_ms(deadline_seconds, waiting)
    began = time.monotonic()
    from_ms = _missing_from_ms(prometheus, until_ms)
    outbox = Outbox(prometheus.write)
    marks = _put_past(past, from_ms, outbox)
    if outbox.first_ms is None or outbox.last_ms is None:
        return Brought(0, until_ms, until_ms, time.monotonic() - began)
    first_ms, last_ms = outbox.first_ms, outbox.last_ms
    for labels, value in limits(targets[DETECTOR]) if DETECTOR in targets else []:
        for at_ms in range(first_ms, last_ms + 1, STEP_MS):
            outbox.put(written(labels), at_ms, value)
    outbox.finish(last_ms)
    for rule in prometheus.recording_rules():
        if rule.name.startswith(RECORDED_OF_SERVICES):
            _record(prometheus, rule, first_ms, last_ms, outbox)
    for mark in marks:
        outbox.put(*mark)
    outbox.finish(last_ms)
    return Brought(outbox.sent, first_ms, last_ms, time.monotonic() - began)


def _missing_from_ms(prometheus: PrometheusApi, until_ms: int) -> int:
    newest = prometheus.value(_NEWEST, until_ms / 1000)
    earliest_ms = until_ms - _LONGEST_MS
    return earliest_ms if newest is None else max(earliest_ms, round(1000 * newest))


def _put_past(past: ExportersPast, from_ms: int, outbox: Outbox) -> list[tuple[str, int, float]]:
    """Put everything but the marks, which are returned."""
    marks: list[tuple[str, int, float]] = []
    try:
        with past.lines(from_ms) as lines:
            for sample in read_samples(lines):
                if sample[0].startswith(MARK):
                    marks.append(sample)
                else:
                    outbox.put(*sample)
    except CutOffError as error:
        raise HistoryError(f"the exporters broke off: {error}") from error
    return marks


def _record(prometheus: PrometheusApi, rule: Rule, first_ms: int, last_ms: int, outbox: Outbox) -> None:
    """Store what a rule would have recorded; the next one may read it."""
    for labels, samples in prometheus.curves(rule.expression, first_ms, last_ms, STEP_MS):
        series = written({**labels, **rule.labels, "__name__": rule.name})
        for sample in samples:
            outbox.put(series, *sample)
    outbox.finish(last_ms)
