"""How well injected faults were detected.

An anomaly is a false alarm when no injection into its service overlaps it within the tolerance by which an injection
counts as detected.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from statistics import median

from exporters.store.injection_queries import EARLY, LATE, Injection, Outcome, find_injections
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import EVERY, Filter

# Of the faults that began in time, one reaches the anomaly if the one that reaches furthest does.
_FALSE_ALARMS = f"""
WITH reaching AS (
    SELECT
        service, epoch_ms(started_at - INTERVAL {EARLY.seconds} SECOND) AS begins_ms,
        max(epoch_ms(ended_at + INTERVAL {LATE.seconds} SECOND)) OVER (
            PARTITION BY service ORDER BY started_at
        ) AS reaches_ms
    FROM injections
),
alarms AS (
    SELECT
        incident_id, service, epoch_ms(window_start) AS started_ms,
        end_ms(window_start, resolved_at, $as_of_ms, $now_ms) AS ended_ms
    FROM anomalies
    WHERE ($services IS NULL OR list_contains($services, service))
        AND epoch_ms(window_start) <= $to_ms AND ended_ms >= $from_ms
)
SELECT count(DISTINCT incident_id) AS false_alarms
FROM alarms ASOF LEFT JOIN reaching ON alarms.service = reaching.service AND alarms.ended_ms >= reaching.begins_ms
WHERE reaches_ms IS NULL OR reaches_ms < started_ms
"""  # noqa: S608 - constants are put in


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the injections of a range, and the incidents that none of them explains.

    ``outcomes`` counts injections by kind and outcome; ``delays_seconds`` are those of the detected ones, rising.
    """

    outcomes: Mapping[tuple[str, Outcome], int]
    false_alarms: int
    delays_seconds: tuple[float, ...]

    def count(self, outcome: Outcome) -> int:
        """Return the injections with this outcome, of all kinds."""
        return sum(count for (_, each), count in self.outcomes.items() if each is outcome)

    @property
    def recall(self) -> float | None:
        """The detected ones as a share of those that were detected or missed; None while there are none of them."""
        return _share(self.count(Outcome.DETECTED), self.count(Outcome.MISSED))

    @property
    def precision(self) -> float | None:
        """The detected ones as a share of them and the false alarms; None while there is neither."""
        return _share(self.count(Outcome.DETECTED), self.false_alarms)

    @property
    def median_delay_seconds(self) -> float | None:
        """Half of the detected ones were detected within this time; None while none was."""
        return median(self.delays_seconds) if self.delays_seconds else None

    def delay_seconds(self, share: float) -> float | None:
        """Return the delay that this share of the detected ones does not exceed; None while none was."""
        rank = max(1, ceil(share * len(self.delays_seconds)))
        return self.delays_seconds[rank - 1] if self.delays_seconds else None


def find_score(pool: CursorPool, asked: Filter, query: str = "detection_score") -> Score | None:
    """Return the score of a range; None when nothing was injected: there is nothing to compare with.

    Raises:
        StoreBusyError: no cursor became free in time.
        QueryTimeoutError: the time limit ended it.
    """
    injections = find_injections(pool, replace(asked, limit=EVERY), query)
    return _score(injections, asked.rows(pool, query, _FALSE_ALARMS)[0]["false_alarms"]) if injections else None


def score_rows(pool: CursorPool, asked: Filter) -> list[Row]:
    """Return the score of a range as one row, or none when nothing was injected; what is not known is None."""
    score = find_score(pool, asked)
    if score is None:
        return []
    return [
        {
            "injected": sum(score.outcomes.values()),
            "detected": score.count(Outcome.DETECTED),
            "missed": score.count(Outcome.MISSED),
            "false_alarms": score.false_alarms,
            "recall": score.recall,
            "precision": score.precision,
            "median_delay_seconds": score.median_delay_seconds,
        }
    ]


def _score(injections: Sequence[Injection], false_alarms: int) -> Score:
    delays = (injection.delay_seconds for injection in injections)
    return Score(
        outcomes=Counter((injection.kind, injection.outcome) for injection in injections),
        false_alarms=false_alarms,
        delays_seconds=tuple(sorted(delay for delay in delays if delay is not None)),
    )


def _share(hits: int, others: int) -> float | None:
    return hits / (hits + others) if hits + others > 0 else None
