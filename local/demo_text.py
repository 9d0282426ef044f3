"""What `make demo` says once everything runs."""

from collections.abc import Sequence

from local.grafana import INFINITY, INFINITY_VERSION, find_grafana, lacks_infinity
from local.prometheus_installation import HOW_TO_INSTALL
from local.stack import Stack

_ABOUT = {
    "grafana": "dashboards",
    "prometheus": "metrics over time",
    "exporters": "JSON API and links to everything",
    "streaming": "the Spark job",
    "detector": "finds anomalies",
    "narrator": "explains incidents",
    "generator": "makes traffic and faults",
}


def banner(stack: Stack, running: Sequence[str], seconds: float) -> str:
    """Return what runs, each URL, what is worth trying, and how to stop.

    Args:
        stack: the stack that runs.
        running: the names of its services.
        seconds: since the command was given.
    """
    return "\n".join(
        [
            "",
            f"Everything runs, {seconds:.0f} s after the start. Ctrl-C stops all of it. Logs: {stack.data_dir}/logs",
            "",
            *(f"  {name:<12}{stack.url(name):<26}{about}" for name, about in _ABOUT.items() if name in running),
            *missing_lines(running),
            "",
            "Worth trying in another terminal:",
            *(f"  {command:<64}{about}" for command, about in _worth_trying(stack)),
            *_token_lines(stack),
            "",
        ]
    )


def _worth_trying(stack: Stack) -> list[tuple[str, str]]:
    api = f"{stack.exporters_url}/api/v1"
    return [
        (f"curl '{api}/incidents'", "what went wrong, and why"),
        (f"curl '{api}/metrics?service=payments'", "its windows: rate, errors, latency"),
        (f"curl '{stack.exporters_url}/metrics'", "the same for Prometheus"),
        ("make inject SERVICE=payments KIND=latency MINUTES=3", "a fault on demand; also errors, drop, surge"),
        ("make health", "is everything as it should be"),
    ]


def _token_lines(stack: Stack) -> list[str]:
    if stack.token is None:
        return []
    return [
        "",
        "The exporters ask for the token of API_TOKEN: curl needs -H 'Authorization: Bearer TOKEN'.",
    ]


def missing_lines(running: Sequence[str]) -> list[str]:
    """Return a line for each optional program that was not found."""
    lines = []
    if "prometheus" not in running:
        lines.append(f"  prometheus  not found; {HOW_TO_INSTALL}")
    if "grafana" not in running:
        lines.append("  grafana     not found; install it from grafana.com, or name its folder in GRAFANA_HOME")
    elif (found := find_grafana()) is not None and lacks_infinity(found[1]):
        install = f"grafana cli plugins install {INFINITY} {INFINITY_VERSION}"
        lines.append(f"  infinity    not found: tables and annotations in Grafana stay empty; {install}")
    return lines
