"""The job ``quality``: looks at everything that is stored for what is wrong, missing or odd."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from contracts.times import to_rfc3339
from exporters.maintenance.job import JobContext
from exporters.maintenance.state import MaintenanceState
from exporters.maintenance.tally import Tally
from exporters.snapshot import Snapshot
from exporters.store.book_quality import Balance, read_balance
from exporters.store.figures import newest_closed_window
from exporters.store.findings import Check, Finding, write_findings
from exporters.store.maintenance_cursor import MaintenanceCursor
from exporters.store.rollup_quality import ROLLUPS, Rollup, differences, rollup_slices
from exporters.store.row_quality import slices, wrong_rows
from exporters.store.row_rules import TABLES, Rows
from exporters.store.series_quality import (
    FLOORS,
    MAX_DEVIATIONS,
    Gap,
    Outliers,
    gaps,
    newest_settled_window,
    outliers,
)

MAX_FINDINGS = 50
"""Most findings of one check that are stored; the last of them then says how many there were."""

_LOOKS = 10
_SECONDS_BETWEEN_LOOKS = 1.0


class QualityJob:
    """Looks through the tables slice by slice and stores what it found, or nothing when all is well."""

    def __init__(
        self,
        cursor: MaintenanceCursor,
        state: MaintenanceState,
        snapshot: Callable[[], Snapshot],
        now: Callable[[], datetime],
        seconds_between_looks: float = _SECONDS_BETWEEN_LOOKS,
    ) -> None:
        self._cursor, self._state, self._snapshot, self._now = cursor, state, snapshot, now
        self._seconds_between_looks = seconds_between_looks

    def run(self, context: JobContext) -> str:
        """Look, and return how many findings there are.

        Raises:
            JobStoppedError: the process ends; nothing is stored.
            duckdb.Error: the database failed.
        """
        found = [
            *self._books(context),
            *(finding for rows in TABLES for finding in self._rows(context, rows)),
            *(finding for rollup in ROLLUPS for finding in self._rollup(context, rollup)),
            *self._series(context),
        ]
        findings = _limited(found)
        write_findings(self._cursor, context.started_at, findings)
        counts = Counter(finding.check for finding in findings)
        self._state.findings = {check: counts[check] for check in Check}
        return f"findings: {len(found)}"

    def _books(self, context: JobContext) -> Iterator[Finding]:
        # The two sides of a batch come in different transactions: between them the books do not balance for a moment.
        looks = []
        for _ in range(_LOOKS):
            if not any(self._snapshot().lag.values()):
                looks.append(read_balance(self._cursor))
                if looks[-1].counted == looks[-1].stored:
                    break
            context.pause(self._seconds_between_looks)
        if looks:
            yield from _book_findings(min(looks, key=lambda balance: abs(balance.counted - balance.stored)))

    def _rows(self, context: JobContext, rows: Rows) -> Iterator[Finding]:
        tally = Tally()
        for start in slices(self._cursor, rows):
            context.pause()
            for wrong in wrong_rows(self._cursor, rows, start, self._now()):
                tally.add(wrong.check, wrong.subject, wrong.words, wrong.newest, wrong.affected)
        return tally.findings()

    def _rollup(self, context: JobContext, rollup: Rollup) -> Iterator[Finding]:
        tally = Tally()
        for start in rollup_slices(self._cursor):
            context.pause()
            for found in differences(self._cursor, rollup, start):
                tally.add(rollup.check, f"{rollup.table} {found.service}", rollup.words, found.newest, found.affected)
        return tally.findings()

    def _series(self, context: JobContext) -> Iterator[Finding]:
        closed = newest_closed_window(self._snapshot().stream_time) or newest_settled_window(self._cursor)
        if closed is None:
            return
        context.pause()
        yield from map(_gap_finding, gaps(self._cursor, closed))
        for column in FLOORS:
            context.pause()
            yield from map(_outlier_finding, outliers(self._cursor, column, closed))


def _book_findings(balance: Balance) -> Iterator[Finding]:
    for events, words in (
        (balance.unaccounted, "received less counted, duplicate, late, invalid and future"),
        (balance.unread, "offsets read less received and lost"),
    ):
        if events:
            yield Finding(Check.BOOKS, "all batches", f"{words} is {events}, and not 0.", abs(events))
    surplus = balance.counted - balance.stored
    if surplus:
        detail = f"{balance.counted} events were counted and {balance.stored} requests are stored: {_why(surplus)}."
        yield Finding(Check.STORED_REQUESTS, "series_totals", detail, abs(surplus))


def _why(surplus: int) -> str:
    if surplus < 0:
        return "batch ends were lost before they were read, or requests were added twice"
    return "checkpoints were deleted and Kafka was read again, or window updates were lost before they were read"


def _gap_finding(gap: Gap) -> Finding:
    span = f"between {to_rfc3339(gap.oldest)} and {to_rfc3339(gap.newest)}"
    detail = f"{gap.missing} minutes {span} have no window, although other services have one."
    return Finding(Check.GAPS, f"service_metrics {gap.service}", detail, gap.missing)


def _outlier_finding(found: Outliers) -> Finding:
    detail = (
        f"{found.outliers} of {found.windows} windows are further than {MAX_DEVIATIONS} x {found.spread:.3g} from the"
        f" median {found.middle:.4g}; the farthest is {found.farthest:.4g} at {to_rfc3339(found.farthest_at)}."
    )
    return Finding(Check.OUTLIERS, f"service_metrics.{found.column} {found.service}", detail, found.outliers)


def _limited(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings, the worst first; of a check with too many, the largest and one about the rest."""
    kept: list[Finding] = []
    for check in sorted(Check, key=lambda check: -check.severity.rank):
        own = sorted((finding for finding in findings if finding.check is check), key=lambda found: -found.affected)
        kept += own[:MAX_FINDINGS]
        if len(own) > MAX_FINDINGS:
            rest = own[MAX_FINDINGS - 1 :]
            kept[-1] = Finding(check, "others", f"{len(rest)} more findings.", sum(found.affected for found in rest))
    return kept
