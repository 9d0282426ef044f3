"""Checks of what this process keeps: the disk, the database, the stored data and the jobs."""

from collections.abc import Iterator

from exporters.maintenance.health_report import HealthLimits, Moment
from exporters.store.findings import Severity
from exporters.store.health_reports import Status, Verdict

_OK, _WARNING, _CRITICAL = Status.OK, Status.WARNING, Status.CRITICAL


def disk_free(moment: Moment, limits: HealthLimits) -> Iterator[Verdict]:
    """Look at the free share of the database's disk."""
    storage = moment.storage()
    value = f"{100 * storage.free_ratio:.0f} %"
    if storage.free_ratio >= limits.disk_warning_ratio:
        yield Verdict("disk_free", _OK, value, f"{_size(storage.free_bytes)} are free.")
    else:
        status = _CRITICAL if storage.free_ratio < limits.disk_critical_ratio else _WARNING
        remedy = "Make room on the disk of the database, or lower RETENTION_DAYS; a full disk stops the exporters."
        yield Verdict("disk_free", status, value, f"Only {_size(storage.free_bytes)} are free. {remedy}")


def database_size(moment: Moment, _limits: HealthLimits) -> Iterator[Verdict]:
    """Say how large the database file is; the disk says whether that is too large."""
    size = moment.storage().database_bytes
    value = "in memory" if size is None else _size(size)
    yield Verdict("database_size", _OK, value, "Removed rows make room for new ones; the file does not shrink.")


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.1f} MB"


def data_quality(moment: Moment, _limits: HealthLimits) -> Iterator[Verdict]:
    """Look at the findings of the last data quality run; outliers are news and no trouble."""
    if moment.findings is None:
        yield Verdict("data_quality", _OK, "not looked at", "The job quality has not run yet.")
        return
    found = {check: count for check, count in moment.findings.items() if count and check.severity is not Severity.INFO}
    if not found:
        yield Verdict("data_quality", _OK, "0 findings", "Nothing is wrong with the stored data.")
        return
    status = _CRITICAL if any(check.severity is Severity.CRITICAL for check in found) else _WARNING
    names = ", ".join(f"{check} {count}" for check, count in found.items())
    detail = f"{names}. /api/v1/quality-findings names each."
    yield Verdict("data_quality", status, f"{sum(found.values())} findings", detail)


def jobs(moment: Moment, _limits: HealthLimits) -> Iterator[Verdict]:
    """Look for jobs that are overdue or failed; the one that runs, which is this report, is left out."""
    others = [job for job in moment.jobs if not job.running]
    overdue = [f"{job.name} is overdue" for job in others if job.overdue(moment.now)]
    failed = [
        f"{job.name} failed: {job.last_run.error}"
        for job in others
        if job.last_run and job.last_run.outcome == "failed"
    ]
    if overdue or failed:
        detail = f"{'; '.join([*overdue, *failed])[:300]}. Run it and read why: make run-job JOB=..."
        yield Verdict("jobs", _WARNING, f"{len(overdue)} overdue, {len(failed)} failed", detail)
    else:
        yield Verdict("jobs", _OK, f"{len(moment.jobs)} on time", "Every job succeeded last time, and in time.")
