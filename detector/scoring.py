"""Score: how far a window is from what is usual and from its limit. Numbers only; nothing is decided here.

The *shift* of every rule is in spreads: standard deviations' worth of what the service usually does.

* Errors: the signed root of the deviance of a binomial test against the usual ratio, sqrt(2 n KL(p, usual)). A shift of
  z has a chance of at most exp(-z^2 / 2) while nothing is wrong (Hoeffding, "Probability inequalities for sums of
  bounded random variables", JASA 58, 1963).
* Latency: logarithm of the p95 over its median, in robust spreads (see ``detector.spread``).
* Traffic: requests a minute less their median, in robust spreads that are never below the Poisson one.

*Burn rate*: how many times faster than allowed the error budget is spent, over a short and a long time at once
("The Site Reliability Workbook", O'Reilly 2018, chapter 5).
"""

import math
from typing import NamedTuple

from detector.arrivals import Straddling
from detector.measurement import Measured, Sample, at_least_resolved, slower_than
from detector.rules import Rule
from detector.settings import DetectorSettings
from detector.spread import Band, Centre
from detector.usual import Usual
from detector.windows import Histogram

SECONDS = 60.0
"""Seconds of a window: traffic is shown in requests per second."""

FAR_ERROR_FACTOR = 5.0
"""One window is enough when its errors would be five times the limit of the usual number of requests."""

FAR_LATENCY_RATIO = 2.5
"""Requests slower than this times the usual p95 count as far: usually hardly any are."""

FAR_TRAFFIC_RATIO = 2.0
"""One window is enough for a surge when it has twice the usual number of requests."""

FAR_LEAST_REQUESTS = 10
"""What one window alone says rests on so many failed, slow or surplus requests at least."""

BELOW_SLA_RATIO = 1.5
"""Above the promise a p95 is a spike from this times the usual one on: part of the way is the promise's."""

BURNING_FACTOR = 0.5
"""While the error budget burns, this part of the usual factor is enough."""

_SAMPLING_SPREAD = 1.0
"""A p95 of n requests wobbles by about this over sqrt(n), as logarithm, where latencies spread as services' do."""


class Score(NamedTuple):
    """One rule's view of one window, in the unit of the rule's metric.

    ``value`` is None without requests, ``expected`` without a baseline, ``threshold`` where the rule has no limit and
    ``shift`` where it cannot be told. ``far`` counts what is far beyond and can only grow while the window is counted:
    requests of the window alone or, of a drop, full minutes that end within it. From ``far_limit`` on the window is
    enough by itself; None is never. ``seconds_before`` is how long before the window the minute of ``value`` begins.
    """

    rule: Rule
    value: float | None
    expected: float | None
    threshold: float | None
    shift: float | None
    far: int = 0
    far_limit: int | None = None
    seconds_before: int = 0


class Observation(NamedTuple):
    """A window of a service as rules see it.

    ``histogram`` is that of the window alone, ``sample`` pooled where it is thin; ``traffic`` is the mean number of
    requests in the last minutes, ``traffic_minutes`` of them; 0 minutes where nobody had requests. ``straddling`` are
    full minutes that end within the window; while it is not over, they alone can show a drop.
    """

    service: str
    measured: Measured
    histogram: Histogram
    sample: Sample
    traffic: float
    traffic_minutes: int
    straddling: tuple[Straddling, ...] = ()
    is_over: bool = True


def scores(seen: Observation, usual: Usual, settings: DetectorSettings) -> tuple[Score, ...]:
    """Return the score of every rule, in the order of ``Rule``."""
    return (
        _error_rate(seen, usual, settings),
        _latency_sla(seen, usual, settings),
        _traffic_drop(seen, usual, settings),
        _traffic_surge(seen, usual, settings),
    )


def error_limit(usual: Usual, settings: DetectorSettings) -> float | None:
    """Return the ratio of errors above which a surge begins; None without a baseline."""
    if usual.error_ratio is None:
        return None
    is_burning = usual.burn_rate is not None and usual.burn_rate > settings.detector_burn_rate
    factor = settings.detector_error_factor * (BURNING_FACTOR if is_burning else 1.0)
    return max(factor * usual.error_ratio, settings.detector_error_floor)


def _error_rate(seen: Observation, usual: Usual, settings: DetectorSettings) -> Score:
    limit, sample = error_limit(usual, settings), seen.sample
    if limit is None or usual.error_ratio is None:
        promise = settings.detector_burn_rate * settings.error_budget(seen.service)
        return Score(Rule.ERROR_RATE, sample.error_ratio, None, min(promise, 1.0), None)
    shift = None
    if sample.error_ratio is not None:
        shift = _deviance(sample.requests, sample.error_ratio, _never_zero(usual.error_ratio, usual.error_requests))
    far_limit = _far_limit(usual, FAR_ERROR_FACTOR * limit) if limit < 1 else None
    return Score(
        Rule.ERROR_RATE, sample.error_ratio, usual.error_ratio, limit, shift, seen.measured.errors, far_limit
    )  # fmt: skip


def _far_limit(usual: Usual, share: float) -> int | None:
    if usual.traffic is None:
        return None
    return max(FAR_LEAST_REQUESTS, math.ceil(min(share, 1.0) * usual.traffic.centre))


def _never_zero(ratio: float, requests: int) -> float:
    """Return a ratio as large as a half error would make it, after no error in so many requests."""
    return min(max(ratio, 0.5 / (requests + 1)), 0.999)


def _deviance(requests: int, ratio: float, usual: float) -> float:
    """Return sqrt(2 n KL(ratio, usual)), negative below the usual."""
    divergence = 0.0
    if ratio > 0:
        divergence += ratio * math.log(ratio / usual)
    if ratio < 1:
        divergence += (1 - ratio) * math.log((1 - ratio) / (1 - usual))
    return math.copysign(math.sqrt(2 * requests * max(0.0, divergence)), ratio - usual)


def latency_band(service: str, latency: Centre, settings: DetectorSettings) -> tuple[float, float]:
    """Return the p95 latencies in seconds between which a service usually is; above the second a spike begins."""
    centre, reach = latency.centre, math.exp(settings.detector_elevated_shift * latency.spread)
    promise = settings.detector_latency_factor * settings.sla_seconds(service)
    ratio = min(settings.detector_latency_ratio * centre, max(BELOW_SLA_RATIO * centre, promise))
    return centre / reach, max(ratio, centre * reach, centre + settings.detector_latency_min_shift_ms / 1000)


def _latency_sla(seen: Observation, usual: Usual, settings: DetectorSettings) -> Score:
    value = seen.sample.latency_p95_seconds
    if usual.latency is None:
        promise = settings.detector_latency_factor * settings.sla_seconds(seen.service)
        return Score(Rule.LATENCY_SLA, value, None, promise, None)
    _, limit = latency_band(seen.service, usual.latency, settings)
    centre, spread = usual.latency
    shift = None
    if value is not None:
        noise = math.hypot(spread, _SAMPLING_SPREAD / math.sqrt(seen.sample.requests))
        shift = math.log(at_least_resolved(value) / at_least_resolved(centre)) / noise
    far_from = max(FAR_LATENCY_RATIO * centre, centre * math.exp(settings.detector_clear_shift * spread), limit)
    return Score(
        Rule.LATENCY_SLA, value, centre, limit, shift,
        slower_than(seen.histogram, far_from), _far_limit(usual, settings.detector_far_slow_share),
    )  # fmt: skip


def traffic_limits(traffic: Band, minutes: int, settings: DetectorSettings) -> tuple[float, float]:
    """Return the requests a minute between which the mean of some minutes usually is; the first may be below 0."""
    centre, below, above = traffic
    reach = settings.detector_elevated_shift / math.sqrt(minutes)
    lower = min(settings.detector_traffic_drop_ratio * centre, centre - reach * below)
    return lower, max(settings.detector_traffic_surge_ratio * centre, centre + reach * above)


def _traffic_drop(seen: Observation, usual: Usual, settings: DetectorSettings) -> Score:
    if usual.traffic is None or seen.traffic_minutes == 0:
        return Score(Rule.TRAFFIC_DROP, seen.traffic / SECONDS if seen.traffic_minutes else None, None, None, None)
    lower, _ = traffic_limits(usual.traffic, seen.traffic_minutes, settings)
    far = [each for each in seen.straddling if _is_far_drop(each.requests, usual.traffic, lower, settings)]
    candidates = [*far, *([Straddling(seen.traffic, 0)] if seen.is_over else [])]
    expected, limit = usual.traffic.centre / SECONDS, lower / SECONDS if lower > 0 else None
    if not candidates:
        return Score(Rule.TRAFFIC_DROP, None, expected, limit, None)
    lowest = min(candidates)
    shift = _drop_shift(lowest.requests, usual.traffic) * math.sqrt(seen.traffic_minutes)
    return Score(
        Rule.TRAFFIC_DROP, lowest.requests / SECONDS, expected, limit, shift, len(far), 1, lowest.seconds_before
    )


def _is_far_drop(requests: float, traffic: Band, lower: float, settings: DetectorSettings) -> bool:
    return requests < lower and _drop_shift(requests, traffic) >= settings.detector_far_shift


def _drop_shift(requests: float, traffic: Band) -> float:
    return (traffic.centre - requests) / max(traffic.below, 1.0)


def _traffic_surge(seen: Observation, usual: Usual, settings: DetectorSettings) -> Score:
    if usual.traffic is None or seen.traffic_minutes == 0:
        return Score(Rule.TRAFFIC_SURGE, seen.traffic / SECONDS if seen.traffic_minutes else None, None, None, None)
    centre, _, above = usual.traffic
    _, upper = traffic_limits(usual.traffic, seen.traffic_minutes, settings)
    far_from = max(FAR_TRAFFIC_RATIO * centre, centre + settings.detector_far_shift * above)
    return Score(
        Rule.TRAFFIC_SURGE,
        seen.traffic / SECONDS,
        centre / SECONDS,
        upper / SECONDS,
        (seen.traffic - centre) * math.sqrt(seen.traffic_minutes) / max(above, 1.0),
        seen.measured.requests,
        max(FAR_LEAST_REQUESTS, math.ceil(far_from)),
    )
