"""Down-sampling of windows: how long a step is and where the first one begins."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.times import WINDOW
from exporters.store.selection import Span

MAX_POINTS = 1_500
"""Most steps of one series, whatever is asked for."""

_HOUR_MS = timedelta(hours=1) // timedelta(milliseconds=1)
_WINDOW_MS = WINDOW // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Resolution:
    """How finely something is asked for: steps of at least ``step_ms`` milliseconds, at most ``max_points`` of them."""

    step_ms: int = 1
    max_points: int = MAX_POINTS


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of ``step_ms`` from ``begin_ms`` on; the last one ends at ``end_ms``. Epoch milliseconds."""

    begin_ms: int
    step_ms: int
    end_ms: int


def choose_steps(span: Span, wanted: Resolution, *, of_hours: bool = False) -> Steps:
    """Return the shortest steps that cover a range with no more points than wanted, and never more than ``MAX_POINTS``.

    Steps are whole windows, from an hour on whole hours, and begin at multiples of their length, so that a range that
    moves on by itself does not change what was drawn. Only a single point has to begin where its range does.

    Args:
        span: what is covered, both ends included.
        wanted: the resolution.
        of_hours: whether only hours can be told apart.
    """
    points = min(max(wanted.max_points, 1), MAX_POINTS)
    if points == 1:
        unit = _unit(max(wanted.step_ms, span.to_ms - span.from_ms), of_hours=of_hours)
        begin = span.from_ms // unit * unit
        return _covering(span, begin, _rounded_up(max(wanted.step_ms, span.to_ms + 1 - begin), unit))
    # A range that is no longer than n steps touches at most n + 1 of them.
    least = max(wanted.step_ms, -(-(span.to_ms - span.from_ms) // (points - 1)), 1)
    step = _rounded_up(least, _unit(least, of_hours=of_hours))
    return _covering(span, span.from_ms // step * step, step)


def _covering(span: Span, begin_ms: int, step_ms: int) -> Steps:
    return Steps(begin_ms, step_ms, begin_ms + ((span.to_ms - begin_ms) // step_ms + 1) * step_ms)


def _unit(length_ms: int, *, of_hours: bool) -> int:
    return _HOUR_MS if of_hours or length_ms > _HOUR_MS - _WINDOW_MS else _WINDOW_MS


def _rounded_up(length_ms: int, unit_ms: int) -> int:
    return -(-length_ms // unit_ms) * unit_ms
