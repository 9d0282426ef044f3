"""Error budgets: how much of what a service may fail is left over the last seven days.

Source: Google, "The Site Reliability Workbook", chapter 2, "Implementing SLOs": the budget is one less the objective,
and what is spent of it is the share of failed requests.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.times import to_epoch_ms
from exporters.store.pool import CursorPool
from exporters.store.service_labels import service_labels

SLO_WINDOW = timedelta(days=7)

_SPENT = """
SELECT service, sum(request_count)::BIGINT AS requests, sum(error_count)::BIGINT AS errors
FROM hourly_metrics
WHERE endpoint = '' AND window_end > make_timestamp_ms($from_ms)
GROUP BY service
ORDER BY service
"""


@dataclass(frozen=True, slots=True)
class Objectives:
    """The promised share of good requests, between 0 and 1, and that of services which promise another."""

    default: float = 0.995
    by_service: Mapping[str, float] = field(default_factory=dict)

    def of(self, service: str) -> float:
        """Return the objective of a service."""
        return self.by_service.get(service, self.default)


USUAL_OBJECTIVES = Objectives()


@dataclass(frozen=True, slots=True)
class BudgetFigure:
    """``remaining`` is 1 while nothing failed, 0 when all that may fail has failed, negative beyond.

    It is None while nothing is known: before there is stream time, or without requests in the window.
    """

    service: str
    objective: float
    remaining: float | None


def read_budgets(
    pool: CursorPool, stream_time: datetime | None, objectives: Objectives, named: Collection[str]
) -> tuple[BudgetFigure, ...]:
    """Return objective and budget of the services that have a name; what has none adds up, with the default objective.

    The window is that of the hours that overlap the last seven days of stream time.
    """
    sums = dict.fromkeys(named, (0, 0))
    rows = (
        [] if stream_time is None else pool.rows("figures", _SPENT, {"from_ms": to_epoch_ms(stream_time - SLO_WINDOW)})
    )
    labels = service_labels((row["service"] for row in rows), named)
    for row in rows:
        requests, errors = sums.get(labels[row["service"]], (0, 0))
        sums[labels[row["service"]]] = requests + row["requests"], errors + row["errors"]
    return tuple(budget(label, *spent, objectives.of(label)) for label, spent in sums.items())


def budget(label: str, requests: int, errors: int, objective: float) -> BudgetFigure:
    """Return the budget of a service after so many requests and errors within the window."""
    remaining = 1 - errors / requests / (1 - objective) if requests > 0 else None
    return BudgetFigure(label, objective, remaining)
