"""The sample recording: half an hour of a small shop, made up, with one error surge and one latency spike.

``python -m generator.sample PATH`` writes it. The same seed gives the same content everywhere, and so the same digest
and identities; the compressed file is the same byte for byte wherever Python uses the same zlib.
"""

import argparse
import csv
import gzip
import io
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contracts.times import to_epoch_ms
from generator.row import COLUMNS, STATUS_COLUMN

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SPAN = timedelta(minutes=30)
ROWS = 60_000
SEED = 1

ERROR_SHARE = 0.005
"""Share of errors outside the surge."""

_MILLISECOND = timedelta(milliseconds=1)
_START_MS = to_epoch_ms(START)
_SPAN_MS = SPAN // _MILLISECOND


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: its share of the traffic, its median latency in milliseconds and the spread of its logarithm."""

    service: str
    endpoint: str
    weight: int
    median_ms: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Incident:
    """What happens to one service between two moments, given in minutes after ``START``."""

    service: str
    from_minute: int
    to_minute: int
    error_share: float = ERROR_SHARE
    slowdown: float = 1.0

    def affects(self, service: str, offset_ms: int) -> bool:
        """Whether a request of a service, ``offset_ms`` after ``START``, is part of it."""
        return service == self.service and self.from_minute * 60_000 <= offset_ms < self.to_minute * 60_000


ROUTES = (
    Route("checkout", "/api/cart", 20, 35.0, 0.5),
    Route("checkout", "/api/orders", 8, 120.0, 0.6),
    Route("checkout", "/api/orders/{id}", 12, 25.0, 0.4),
    Route("payments", "/api/charge", 8, 180.0, 0.5),
    Route("payments", "/api/refund", 2, 220.0, 0.6),
    Route("search", "/api/search", 30, 60.0, 0.7),
    Route("search", "/api/suggest", 15, 12.0, 0.5),
    Route("search", "/api/products/{id}", 5, 18.0, 0.4),
)
"""The endpoints of the shop."""

ERROR_SURGE = Incident("payments", 12, 15, error_share=0.25)
LATENCY_SPIKE = Incident("search", 21, 24, slowdown=6.0)
_NORMAL = Incident("", 0, 0)


def write_sample(path: Path, seed: int = SEED, rows: int = ROWS) -> None:
    """Write a recording of ``rows`` requests, as CSV compressed with gzip.

    Raises:
        OSError: the file cannot be written.
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow((*COLUMNS, STATUS_COLUMN))
    lines.writerows(_requests(random.Random(seed), rows))  # noqa: S311 - data that has to repeat itself
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def _requests(source: random.Random, rows: int) -> Iterator[tuple[int, str, str, str, str, int]]:
    offsets = sorted(source.choices(range(_SPAN_MS), k=rows))
    routes = source.choices(ROUTES, weights=[route.weight for route in ROUTES], k=rows)
    for offset_ms, route in zip(offsets, routes, strict=True):
        incident = _incident(route.service, offset_ms)
        latency_ms = route.median_ms * incident.slowdown * source.lognormvariate(0, route.sigma)
        trace_id = f"{source.getrandbits(128):032x}"
        status = 503 if source.random() < incident.error_share else 200
        yield _START_MS + offset_ms, route.service, route.endpoint, f"{latency_ms:.3f}", trace_id, status


def _incident(service: str, offset_ms: int) -> Incident:
    found = (incident for incident in (ERROR_SURGE, LATENCY_SPIKE) if incident.affects(service, offset_ms))
    return next(found, _NORMAL)


def main(arguments: Sequence[str]) -> int:
    """Write the sample to the path that is named, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m generator.sample", description="Write the sample recording.")
    parser.add_argument("path", type=Path, help="file to write, by convention ending in .csv.gz")
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed gives another sample (default {SEED})")
    options = parser.parse_args(arguments)
    try:
        write_sample(options.path, options.seed)
    except OSError as error:
        sys.stderr.write(f"The sample cannot be written to {options.path}: {error.strerror}. Name another path.\n")
        return 1
    sys.stdout.write(f"{ROWS:,} requests in {options.path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
