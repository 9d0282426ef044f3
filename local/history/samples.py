"""Series of samples on their way to Prometheus: read from text, grouped, ended as a scrape would end them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from local.history.remote_write import STALE, Labels, Sample, StoredOtherwiseError, write_request

SAMPLES_AT_ONCE = 20_000
"""Samples in one request."""
STEP_MS = 15_000
"""From one sample to the next; what does not go on by then has ended."""

_LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_END = "# EOF"


class CutOffError(Exception):
    """The text ended before its last line."""


def read_samples(lines: Iterable[str]) -> Iterator[tuple[str, int, float]]:
    """Yield series (as it is written), epoch milliseconds and value of each sample of an OpenMetrics text.

    Raises:
        CutOffError: the text is not there to its end.
    """
    line = ""
    for line in lines:
        if not line.startswith("#"):
            series, value, seconds = line.rsplit(" ", 2)
            yield series, round(1000 * float(seconds)), float(value)
    if line != _END:
        raise CutOffError(f"the last line is {line[:100]!r}, not {_END}")


def labels_of(series: str) -> Labels:
    """Return the labels of a series, its name among them.

    >>> labels_of('up{job="exporters"}')
    {'__name__': 'up', 'job': 'exporters'}
    """
    name, _, rest = series.partition("{")
    return {"__name__": name} | {label: _ESCAPED.sub(_unescaped, text) for label, text in _LABEL.findall(rest)}


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


class Outbox:
    """Collects samples, in the order of time for each series, and hands full requests on."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.sent = 0
        self.first_ms: int | None = None
        self.last_ms: int | None = None
        self._send = send
        self._waiting: dict[str, list[Sample]] = {}
        self._count = 0
        self._newest: dict[str, int] = {}

    def put(self, series: str, at_ms: int, value: float) -> None:
        """Add a sample. A series that was absent meanwhile gets the mark of its end in between."""
        newest = self._newest.get(series)
        if newest is not None and at_ms - newest > STEP_MS:
            self._add(series, newest + STEP_MS, STALE)
        self._add(series, at_ms, value)
        self._newest[series] = at_ms
        self.first_ms = at_ms if self.first_ms is None else min(self.first_ms, at_ms)
        self.last_ms = at_ms if self.last_ms is None else max(self.last_ms, at_ms)

    def finish(self, end_ms: int) -> None:
        """Send what waits; series that ended before ``end_ms`` get the mark of their end."""
        for series, newest in self._newest.items():
            if end_ms - newest > STEP_MS:
                self._add(series, newest + STEP_MS, STALE)
        self._newest.clear()
        self.flush()

    def flush(self) -> None:
        """Send what waits. What is stored otherwise stays as it is."""
        waiting = [(series, sample) for series, samples in self._waiting.items() for sample in samples]
        self._waiting, self._count = {}, 0
        self._hand_over(waiting)

    def _hand_over(self, samples: Sequence[tuple[str, Sample]]) -> None:
        if not samples:
            return
        try:
            self._send(_request(samples))
        except StoredOtherwiseError:
            # One sample has the whole request refused: halving finds it.
            middle = len(samples) // 2
            if middle > 0:
                self._hand_over(samples[:middle])
                self._hand_over(samples[middle:])
        else:
            self.sent += len(samples)

    def _add(self, series: str, at_ms: int, value: float) -> None:
        self._waiting.setdefault(series, []).append((at_ms, value))
        self._count += 1
        if self._count >= SAMPLES_AT_ONCE:
            self.flush()


def _request(samples: Iterable[tuple[str, Sample]]) -> bytes:
    grouped = groupby(samples, key=lambda each: each[0])
    return write_request((labels_of(series), [sample for _, sample in group]) for series, group in grouped)


def written(labels: Labels) -> str:
    """Return a series as OpenMetrics writes it: the reverse of ``labels_of``."""
    pairs = (f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items() if name != "__name__")
    return f"{labels['__name__']}{{{','.join(pairs)}}}"
