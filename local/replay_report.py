"""The table at the end of a replay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.times import from_epoch_ms

SLOWEST = 5
MOST_ANOMALIES = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What a replay took.

    Seconds from the first event sent until all were in the store, and the memory of the whole stack at the end, in
    bytes; None where the system does not tell.
    """

    stored_seconds: float
    resident_bytes: int | None


def report(
    books: Mapping[str, float],
    services: Sequence[Mapping[str, Any]],
    anomalies: Sequence[Mapping[str, Any]],
    cost: Cost,
) -> str:
    """Return what was replayed, how fast, whether the books balance, the slowest services by p95, and the anomalies."""
    events = int(books["received"])
    lines = [
        "",
        _line("events", f"{events:,}"),
        _line("windows", f"{int(books['windows']):,}  (minute x service x endpoint)"),
        _line("events/s", f"{events / cost.stored_seconds:,.0f}  from the first event sent to the last one stored"),
        _line("memory", _memory(cost.resident_bytes)),
        "",
        "The books: received = counted + duplicate + late + invalid + future",
        *(_line(name, f"{int(books[name]):,}") for name in ("received", "counted", "duplicate", "late", "invalid")),
        *(_line(name, f"{int(books[name]):,}") for name in ("future", "lost", "unaccounted")),
        _line("in the tables", f"{int(books['requests_stored']):,}  ({_verdict(books)})"),
        "",
        f"  {'slowest services':<32}{'requests':>12}{'errors':>9}{'p95':>12}",
        *(_service(row) for row in sorted(services, key=lambda row: -row["p95_seconds"])[:SLOWEST]),
        "",
        f"  anomalies: {len(anomalies)}",
        *(_anomaly(row) for row in sorted(anomalies, key=lambda row: int(row["started_at"]))[:MOST_ANOMALIES]),
        *(["  ..."] if len(anomalies) > MOST_ANOMALIES else []),
        "",
    ]
    return "\n".join(lines)


def _line(name: str, value: str) -> str:
    return f"  {name:<14}{value}"


def _memory(resident_bytes: int | None) -> str:
    return "unknown" if resident_bytes is None else f"{resident_bytes / 1e9:.2f} GB  resident, all processes together"


def _verdict(books: Mapping[str, float]) -> str:
    balanced = books["unaccounted"] == 0 and books["requests_stored"] == books["counted"]
    return "the books balance" if balanced else "THE BOOKS DO NOT BALANCE"


def _service(row: Mapping[str, Any]) -> str:
    name, requests = row["service"], row["requests"]
    return f"  {name:<32}{requests:>12,}{row['error_ratio']:>9.1%}{1000 * row['p95_seconds']:>9,.0f} ms"


def _anomaly(row: Mapping[str, Any]) -> str:
    began = from_epoch_ms(row["started_at"])
    return f"  {began:%Y-%m-%d %H:%M}  {row['severity']:<9}{row['service']:<26}{row['description']}"
