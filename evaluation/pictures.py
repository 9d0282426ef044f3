"""Pictures of a detection as SVG: the signal, what was expected of it, labels and alarms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from statistics import median
from typing import NamedTuple

from evaluation.alarms import Span

WIDTH, HEIGHT = 960, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 34, 30
_LABEL, _ALARM, _SIGNAL, _LIMIT, _USUAL, _TEXT = "#f2c94c", "#d64545", "#2f6fab", "#d64545", "#7a9cba", "#444444"
_TICKS = 4


class Point(NamedTuple):
    """One window of a signal in the unit of the picture; None is what is not known."""

    start_seconds: float
    value: float | None
    expected: float | None
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Picture:
    """One signal over time. ``unit`` is written beside the title, ``labels`` are what was really wrong."""

    title: str
    unit: str
    points: Sequence[Point]
    labels: Sequence[Span]
    alarms: Sequence[Span]

    def svg(self) -> str:
        """Return the picture as an SVG document.

        Raises:
            ValueError: there is no point to draw.
        """
        if not self.points:
            raise ValueError("a picture needs at least one point")
        scale = _Scale.of(self.points)
        parts = [
            *(_area(scale, span, _LABEL, 0.45) for span in self.labels),
            *(_bar(scale, span) for span in self.alarms),
            *_axis(scale, self.unit),
            _line(scale, ((p.start_seconds, p.expected) for p in self.points), _USUAL, 'stroke-dasharray="4 3"'),
            _line(scale, ((p.start_seconds, p.threshold) for p in self.points), _LIMIT, 'stroke-opacity="0.6"'),
            _line(scale, ((p.start_seconds, p.value) for p in self.points), _SIGNAL, 'stroke-width="1.6"'),
            f'<text x="{_LEFT}" y="18" font-size="13" fill="{_TEXT}">{escape(self.title)}</text>',
            _key(),
        ]
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
        return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])


class _Scale(NamedTuple):
    first_seconds: float
    last_seconds: float
    highest: float

    @classmethod
    def of(cls, points: Sequence[Point]) -> "_Scale":
        known = [value for point in points for value in point[1:] if value is not None]
        limits = [point.threshold for point in points if point.threshold is not None]
        highest = max(known, default=1.0)
        if limits:
            # A fault may be a thousand times the usual: beyond this the signal leaves the picture.
            highest = min(highest, 6 * median(limits))
        return cls(points[0].start_seconds, points[-1].start_seconds + 60, highest or 1.0)

    def x(self, seconds: float) -> float:
        share = (seconds - self.first_seconds) / (self.last_seconds - self.first_seconds)
        return _LEFT + min(1.0, max(0.0, share)) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - min(1.05, value / self.highest) * (HEIGHT - _TOP - _BOTTOM)


def _area(scale: _Scale, span: Span, colour: str, opacity: float) -> str:
    left, right = scale.x(span.start_seconds), scale.x(span.end_seconds)
    return (
        f'<rect x="{left:.1f}" y="{_TOP}" width="{max(1.0, right - left):.1f}" height="{HEIGHT - _TOP - _BOTTOM}"'
        f' fill="{colour}" fill-opacity="{opacity}"/>'
    )


def _bar(scale: _Scale, span: Span) -> str:
    left, right = scale.x(span.start_seconds), scale.x(span.end_seconds)
    return f'<rect x="{left:.1f}" y="{_TOP - 8}" width="{max(2.0, right - left):.1f}" height="6" fill="{_ALARM}"/>'


def _line(scale: _Scale, values: Iterable[tuple[float, float | None]], colour: str, style: str) -> str:
    pieces: list[str] = []
    pen = "M"
    for seconds, value in values:
        if value is None:
            pen = "M"
            continue
        pieces.append(f"{pen}{scale.x(seconds + 30):.1f} {scale.y(value):.1f}")
        pen = "L"
    return f'<path d="{" ".join(pieces)}" fill="none" stroke="{colour}" {style}/>'


def _axis(scale: _Scale, unit: str) -> list[str]:
    parts = []
    for tick in range(_TICKS + 1):
        value = scale.highest * tick / _TICKS
        y = scale.y(value)
        parts.append(f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e4e4e4"/>')
        parts.append(_text(_LEFT - 6, y + 4, f"{value:.4g} {unit}", "end"))
    step = (scale.last_seconds - scale.first_seconds) / 6
    for tick in range(7):
        seconds = scale.first_seconds + tick * step
        minute = int(seconds // 60) % 1440
        parts.append(_text(scale.x(seconds), HEIGHT - 10, f"{minute // 60:02}:{minute % 60:02}", "middle"))
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="10" fill="{_TEXT}" text-anchor="{anchor}">{escape(text)}</text>'


def _key() -> str:
    entries = (("signal", _SIGNAL), ("usual", _USUAL), ("limit", _LIMIT), ("fault", _LABEL), ("alarm", _ALARM))
    parts = []
    for place, (name, colour) in enumerate(entries):
        x = WIDTH - _RIGHT - 70 * (len(entries) - place)
        parts.append(f'<rect x="{x}" y="10" width="10" height="8" fill="{colour}"/>')
        parts.append(_text(x + 14, 18, name, "start"))
    return "\n".join(parts)
