"""Where the containers answer on this machine, and waiting until all of them do."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from containers.errors import ContainersError
from containers.probe import reason_not_well

_POLL_SECONDS = 1.0


class InvalidPortError(ContainersError):
    """A variable that names a port does not hold one."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One service as the host sees it: its port, the path that tells whether it is well, and what it is for."""

    name: str
    port: int
    path: str
    about: str

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://localhost:{self.port}"


_DEFAULTS = (
    Endpoint("grafana", 3000, "/api/health", "dashboards"),
    Endpoint("prometheus", 9090, "/-/ready", "metrics over time, alerts"),
    Endpoint("alertmanager", 9093, "/-/ready", "who is told of which alert"),
    Endpoint("exporters", 9108, "/health", "JSON API"),
    Endpoint("streaming", 9102, "/health", "the Spark job"),
    Endpoint("detector", 9103, "/health", "finds anomalies"),
    Endpoint("narrator", 9104, "/health", "explains incidents"),
    Endpoint("generator", 9101, "/health", "makes traffic and faults"),
)


def endpoints(variables: Mapping[str, str]) -> tuple[Endpoint, ...]:
    """Return every service with the port that .env gives it on this machine.

    Raises:
        InvalidPortError: naming the variable.
    """
    return tuple(
        Endpoint(one.name, _port(variables, f"{one.name.upper()}_PORT", one.port), one.path, one.about)
        for one in _DEFAULTS
    )


def _port(variables: Mapping[str, str], name: str, default: int) -> int:
    text = variables.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise InvalidPortError(f"{name} = {text!r} is no port: it is a number from 1 to 65535")
    return int(text)


def wait_until_ready(
    waited_for: Sequence[Endpoint], deadline_seconds: float, report: Callable[[str], None]
) -> dict[str, str]:
    """Wait until every service is well, reporting each as it becomes so.

    Returns:
        Why those are not that are not well when the time is over, by name.
    """
    began = time.monotonic()
    waiting = {one.name: "" for one in waited_for}
    while True:
        for one in [one for one in waited_for if one.name in waiting]:
            reason = reason_not_well(one.port, one.path)
            if reason is None:
                del waiting[one.name]
                report(f"  {one.name:<14}{time.monotonic() - began:6.0f} s  ready")
            else:
                waiting[one.name] = reason
        if not waiting or time.monotonic() - began > deadline_seconds:
            return waiting
        time.sleep(_POLL_SECONDS)
