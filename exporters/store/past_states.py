"""Which anomalies were open in the past, and what was left of the error budgets."""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from exporters.store.budget_figures import SLO_WINDOW, BudgetFigure, budget
from exporters.store.past import STEP_MS, Past
from exporters.store.pool import CursorPool, Row
from exporters.store.service_labels import NAMED_SERVICES, OTHER, service_labels

SERVICES_AT_ONCE = 10
"""Services in one query: what is in memory at a time."""

_SLO_WINDOW_MS = SLO_WINDOW // timedelta(milliseconds=1)

_ANOMALIES = """
SELECT
    service, anomaly_type, severity, epoch_ms(window_start) AS started_ms,
    CASE WHEN resolved THEN epoch_ms(resolved_at) END AS ended_ms
FROM anomalies
WHERE epoch_ms(window_start) <= $to_ms AND (NOT resolved OR epoch_ms(resolved_at) >= $from_ms)
ORDER BY ALL
"""

_COUNTED = f"""
WITH named AS ({NAMED_SERVICES}),
labelled AS (
    SELECT
        CASE WHEN service IN (FROM named) THEN service ELSE $other END AS service,
        endpoint, window_start, window_end, request_count, error_count
    FROM {{source}}
    WHERE window_end > make_timestamp_ms($from_ms) AND endpoint = ''
)
SELECT
    service, epoch_ms(window_end) AS end_ms, sum(request_count)::BIGINT AS requests, sum(error_count)::BIGINT AS errors
FROM labelled
WHERE list_contains($labels, service)
GROUP BY service, window_end
ORDER BY window_end
"""  # noqa: S608 - a constant is put in


@dataclass(frozen=True, slots=True)
class PastState:
    """Values of the labels of a metric, and samples: moments in epoch milliseconds with the value."""

    labels: tuple[str, ...]
    samples: list[tuple[int, float]]


def past_anomalies(pool: CursorPool, past: Past, named: Collection[str]) -> list[PastState]:
    """Return how many anomalies were open by service, type and severity, from their first bad window to their last.

    What an anomaly was before its last revision is not kept: its severity is the one it came to. A kind of which none
    is open any more ends with a 0, and is absent otherwise.
    """
    rows = pool.rows("openmetrics", _ANOMALIES, {"from_ms": past.from_ms - STEP_MS, "to_ms": past.to_ms})
    labels = service_labels((row["service"] for row in rows), named)
    kinds: dict[tuple[str, ...], Counter[int]] = {}
    for row in rows:
        open_at = kinds.setdefault((labels[row["service"]], row["anomaly_type"], row["severity"]), Counter())
        for at_ms in past.moments:
            if at_ms >= row["started_ms"] and (row["ended_ms"] is None or at_ms < row["ended_ms"] + STEP_MS):
                open_at[at_ms] += int(row["ended_ms"] is None or at_ms < row["ended_ms"])
    return [PastState(kind, sorted(open_at.items())) for kind, open_at in kinds.items()]


def past_budgets(pool: CursorPool, past: Past, shown: Sequence[BudgetFigure]) -> Iterator[PastState]:
    """Yield what was left of each budget that is shown, with the objectives of the present.

    The requests of a moment are those of the hours that the SLO's window overlaps, less the minutes that came later.
    """
    for first in range(0, len(shown), SERVICES_AT_ONCE):
        some = shown[first : first + SERVICES_AT_ONCE]
        hours = _counted(pool, "hourly_metrics", past.from_ms - _SLO_WINDOW_MS, some)
        minutes = _counted(pool, "whole_service_metrics", past.from_ms, some)
        for figure in some:
            yield PastState((figure.service,), _left(past, figure, hours[figure.service], minutes[figure.service]))


def _counted(pool: CursorPool, source: str, from_ms: int, shown: Sequence[BudgetFigure]) -> Mapping[str, list[Row]]:
    counted: dict[str, list[Row]] = {figure.service: [] for figure in shown}
    parameters = {"other": OTHER, "from_ms": from_ms, "labels": list(counted)}
    for row in pool.rows("openmetrics", _COUNTED.format(source=source), parameters):
        counted[row["service"]].append(row)
    return counted


def _left(past: Past, figure: BudgetFigure, hours: list[Row], minutes: list[Row]) -> list[tuple[int, float]]:
    requests = sum(row["requests"] for row in hours) - sum(row["requests"] for row in minutes)
    errors = sum(row["errors"] for row in hours) - sum(row["errors"] for row in minutes)
    expiring, coming = deque(hours), deque(minutes)
    samples: list[tuple[int, float]] = []
    for at_ms in past.moments:
        while coming and coming[0]["end_ms"] <= at_ms:
            minute = coming.popleft()
            requests, errors = requests + minute["requests"], errors + minute["errors"]
        while expiring and expiring[0]["end_ms"] <= at_ms - _SLO_WINDOW_MS:
            hour = expiring.popleft()
            requests, errors = requests - hour["requests"], errors - hour["errors"]
        remaining = budget(figure.service, requests, errors, figure.objective).remaining
        if remaining is not None:
            samples.append((at_ms, remaining))
    return samples
