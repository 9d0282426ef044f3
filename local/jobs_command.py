"""``make jobs`` and ``make run-job JOB=...``: the maintenance jobs of the exporters."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.times import from_epoch_ms
from local.errors import LocalError
from local.exporters_client import ExportersClient
from local.live_stack import stack_of_the_environment


def main(arguments: Sequence[str]) -> int:
    """List the jobs, or run the one that is named; the result is 1 when it failed."""
    client = stack_of_the_environment().exporters_client()
    try:
        return _run(client, arguments[0]) if any(arguments) else _list(client)
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _list(client: ExportersClient) -> int:
    sys.stdout.write(f"  {'job':<14}{'every':>8}{'took':>9}   {'last success (UTC)':<20}state\n")
    for row in client.rows("jobs"):
        sys.stdout.write(f"{_line(row)}\n")
    sys.stdout.write("Run one: make run-job JOB=retention\n")
    return 0


def _line(row: Mapping[str, Any]) -> str:
    success = "never" if row["last_success"] is None else f"{from_epoch_ms(row['last_success']):%Y-%m-%d %H:%M:%S}"
    took = "" if row["last_duration_seconds"] is None else f"{row['last_duration_seconds']:.2f} s"
    return f"  {row['job']:<14}{row['interval_seconds'] / 60:>4.0f} min{took:>9}   {success:<20}{_state(row)}"


def _state(row: Mapping[str, Any]) -> str:
    if row["running"]:
        return "running"
    trouble = f"failed: {row['last_error']}" if row["last_outcome"] == "failed" else ""
    return ", ".join(part for part in ("overdue" if row["overdue"] else "", trouble) if part) or "ok"


def _run(client: ExportersClient, name: str) -> int:
    ended = client.run_job(name)
    sys.stdout.write(f"  {name}: {ended['outcome']}. {ended['error'] or ended['detail']}\n")
    return int(ended["outcome"] == "failed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
