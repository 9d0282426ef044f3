"""What a running stack has to tell: its newest windows, anomalies and incidents, as they come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.times import from_epoch_ms, to_epoch_ms
from local.exporters_client import ExportersClient

WINDOW_MS = 60_000
LOOK_BACK_MS = 10 * WINDOW_MS

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the exporters said at one moment. ``windows`` are those of the newest closed minute, by service."""

    windows: Sequence[Row] = ()
    anomalies: Sequence[Row] = ()
    incidents: Sequence[Row] = ()


def read(client: ExportersClient, now: datetime) -> Reading:
    """Ask the exporters.

    Raises:
        ExportersUnavailableError: they do not answer.
    """
    since = {"from": to_epoch_ms(now) - LOOK_BACK_MS}
    return Reading(
        windows=newest_closed(client.rows("metrics", since)),
        anomalies=client.rows("anomalies", since),
        incidents=client.rows("incidents", since),
    )


def newest_closed(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the newest minute that a later one has closed, sorted by service."""
    minutes = sorted({row["time"] for row in rows})
    return sorted((row for row in rows if row["time"] == minutes[-2]), key=_service) if len(minutes) > 1 else []


@dataclass
class Story:
    """Turns readings into lines, each thing once."""

    _told: set[tuple[object, ...]] = field(default_factory=set)

    def news(self, reading: Reading, *, windows: bool) -> list[str]:
        """Return a line for each thing that was not told yet; ``windows`` says whether closed minutes are told too."""
        lines = [*_window_lines(reading), *_anomaly_lines(reading), *_incident_lines(reading)]
        fresh = [(key, line) for key, line in lines if key not in self._told and (windows or key[0] != "window")]
        self._told |= {key for key, _ in fresh}
        return [line for _, line in fresh]


def block(reading: Reading) -> list[str]:
    """Return the table of services and the open anomalies, for a terminal."""
    if not reading.windows:
        return ["", "  no window is closed yet ..."]
    open_ones = [row for row in reading.anomalies if row["state"] == "open"]
    title = f"  {'service':<24}{'req/s':>8}{'errors':>9}{'p95':>10}   window {_clock(reading.windows[0]['time'])} UTC"
    return ["", title, *(_service_line(row, open_ones) for row in reading.windows)]


def _service_line(row: Row, open_ones: Sequence[Row]) -> str:
    troubles = [f"{one['severity']}: {_words(one)}" for one in open_ones if one["service"] == row["service"]]
    return f"  {row['service']:<24}{_figures(row)}   {', '.join(troubles) or 'ok'}"


def _figures(row: Row) -> str:
    return f"{row['request_rate']:>8.1f}{row['error_ratio']:>9.1%}{1000 * row['p95_seconds']:>7,.0f} ms"


def _window_lines(reading: Reading) -> list[tuple[tuple[object, ...], str]]:
    if not reading.windows:
        return []
    minute = reading.windows[0]["time"]
    services = "  |  ".join(f"{row['service']} {' '.join(_figures(row).split())}" for row in reading.windows)
    return [(("window", minute), f"{_clock(minute)}  {services}")]


def _anomaly_lines(reading: Reading) -> list[tuple[tuple[object, ...], str]]:
    return [
        (
            ("anomaly", row["anomaly_id"], row["state"], row["severity"]),
            f"{_clock(row['started_at'])}  {_state(row)} {row['service']}: {_words(row)}. {row['description']}",
        )
        for row in sorted(reading.anomalies, key=lambda row: int(row["started_at"]))
    ]


def _state(row: Row) -> str:
    return f"{row['severity'].upper()}," if row["state"] == "open" else "resolved,"


def _incident_lines(reading: Reading) -> list[tuple[tuple[object, ...], str]]:
    """The accounts of incidents; one without an account has no revision yet."""
    return [
        (
            ("incident", row["incident_id"], row["revision"]),
            f"{_clock(row['started_at'])}  why ({row['source']}): {row['headline']}",
        )
        for row in sorted(reading.incidents, key=lambda row: int(row["started_at"]))
        if row["revision"] > 0
    ]


def _words(row: Row) -> str:
    return str(row["anomaly_type"]).replace("_", " ")


def _service(row: Row) -> str:
    return str(row["service"])


def _clock(epoch_ms: int) -> str:
    return f"{from_epoch_ms(epoch_ms):%H:%M}"
