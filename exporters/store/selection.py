"""What a query is asked for: a range of time, names, states."""

from collections.abc import Sequence
from dataclasses import dataclass

from exporters.store.pool import CursorPool, Row

EVERY = 2**31
"""A limit that no table reaches."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time range in epoch milliseconds, both ends included."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Selection:
    """The series and the time that are asked for; None stands for all services, and for whole services."""

    span: Span
    services: list[str] | None = None
    endpoints: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which anomalies, incidents, summaries or injections are asked for; None stands for all of them.

    Args:
        span: rows that overlap it.
        as_of_ms: the moment at which rows are open or not, and at which those that are open end.
        now_ms: the time of the clock.
        limit: most rows.
        services: names of services.
        endpoints: names of endpoints; what is about a whole service always fits.
        severities: warning, critical or both.
        state: open or resolved.
        incidents: ids; an empty list fits nothing.
    """

    span: Span
    as_of_ms: int
    now_ms: int
    limit: int
    services: Sequence[str] | None = None
    endpoints: Sequence[str] | None = None
    severities: Sequence[str] | None = None
    state: str | None = None
    incidents: Sequence[str] | None = None

    def rows(self, pool: CursorPool, query: str, statement: str) -> list[Row]:
        """Run a statement with those of the values that it names.

        Raises:
            StoreBusyError: no cursor became free in time.
            QueryTimeoutError: the time limit ended it.
        """
        values = {
            "from_ms": self.span.from_ms,
            "to_ms": self.span.to_ms,
            "as_of_ms": self.as_of_ms,
            "now_ms": self.now_ms,
            "limit": self.limit,
            "services": _listed(self.services),
            "endpoints": _listed(self.endpoints),
            "severities": _listed(self.severities),
            "state": self.state,
            "incidents": _listed(self.incidents),
        }
        return pool.rows(query, statement, {name: value for name, value in values.items() if f"${name}" in statement})


def _listed(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else list(names)
