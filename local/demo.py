"""``make demo``: the whole platform on this machine, until Ctrl-C."""

import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from contracts.metrics import STREAM_TIME
from contracts.settings import settings_or_exit
from contracts.times import from_epoch_ms, utc_now
from local.demo_text import banner
from local.errors import LocalError
from local.exporters_client import ExportersClient, ExportersUnavailableError
from local.grafana import find_grafana, grafana
from local.history.bringing import bring_history
from local.history.prometheus_api import HistoryError, PrometheusApi
from local.interruption import sigterm_interrupts
from local.java import find_java
from local.live_stack import LiveSettings, live_stack
from local.live_view import Reading, Story, block, read
from local.metrics_client import total
from local.ports import check_free
from local.processes import Supervisor
from local.prometheus import prometheus
from local.prometheus_installation import find_prometheus
from local.screen import Screen
from local.service import Service
from local.stack import Stack
from local.topics import ensure_topics
from runtime.single_instance import AlreadyRunningError, claim

START_DEADLINE_SECONDS = 180.0
HISTORY_DEADLINE_SECONDS = 60.0
REFRESH_SECONDS = 5.0
_POLL_SECONDS = 0.2


def main(arguments: Sequence[str]) -> int:
    """Run the command; the result is the exit code."""
    started = time.monotonic()
    settings = settings_or_exit(LiveSettings, arguments)
    screen = Screen()
    try:
        claim(settings.data_dir, "demo")
        with sigterm_interrupts():
            _run(live_stack(settings), settings.backfill, screen, started)
    except (LocalError, AlreadyRunningError) as error:
        screen.clear()
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        screen.line("Stopped. `make demo` goes on from here.")
    return 0


def _run(stack: Stack, backfill: str, screen: Screen, started: float) -> None:
    services = _services(stack, backfill)
    check_free(_ports(stack, [service.name for service in services]))
    screen.line(f"Starting the platform; data and logs: {stack.data_dir}")
    with Supervisor(screen) as supervisor:
        _start_broker(stack, supervisor, screen)
        supervisor.start(*services, deadline_seconds=START_DEADLINE_SECONDS)
        _wait_until_live(stack, supervisor, screen)
        if any(service.name == "prometheus" for service in services):
            _bring_history(stack, supervisor, screen)
        screen.line(banner(stack, [service.name for service in services], time.monotonic() - started))
        _watch(stack.exporters_client(), supervisor, screen)


def _start_broker(stack: Stack, supervisor: Supervisor, screen: Screen) -> None:
    if stack.has_own_broker:
        supervisor.start(stack.broker(), deadline_seconds=START_DEADLINE_SECONDS)
        return
    for line in (f"using the broker {stack.kafka}", *ensure_topics(stack.kafka)):
        screen.line(f"  {line}")


def _services(stack: Stack, backfill: str) -> list[Service]:
    services = [
        stack.exporters(),
        stack.streaming(find_java()),
        stack.generator("--backfill", backfill),
        stack.detector(),
        stack.narrator(),
    ]
    prometheus_program, grafana_program = find_prometheus(), find_grafana()
    if prometheus_program is not None:
        services.append(prometheus(stack, prometheus_program))
    if grafana_program is not None:
        services.append(grafana(stack, *grafana_program))
    return services


def _ports(stack: Stack, names: Sequence[str]) -> list[tuple[str, int]]:
    kafka = ("kafka", "kafka controller") if stack.has_own_broker else ()
    return [(name, port) for name, port in stack.ports.named() if name in (*kafka, *names)]


def _wait_until_live(stack: Stack, supervisor: Supervisor, screen: Screen) -> None:
    """Wait until events of this run have reached the tables, however long this machine needs."""
    began, started_at = time.monotonic(), utc_now().timestamp()
    reached: float | None = None
    while reached is None or reached < started_at:
        supervisor.restart_dead()
        screen.moving(f"  first windows: Spark is warming up, {time.monotonic() - began:.0f} s ...")
        time.sleep(_POLL_SECONDS)
        reached = total(stack.exporters_url, STREAM_TIME, {"part": "exporters"}, stack.token)


def _bring_history(stack: Stack, supervisor: Supervisor, screen: Screen) -> None:
    def waiting() -> None:
        supervisor.restart_dead()
        screen.moving("  history: waiting for the store to catch up ...")

    screen.moving("  history: into Prometheus ...")
    try:
        brought = bring_history(PrometheusApi(stack.url("prometheus")), stack.token, HISTORY_DEADLINE_SECONDS, waiting)
    except HistoryError as error:
        screen.line(f"  history         is missing in Prometheus, and so in the curves of before this start: {error}")
        return
    since = f"since {from_epoch_ms(brought.from_ms):%H:%M} UTC" if brought.samples else "nothing was missing"
    screen.line(f"  {'history':<15} {brought.seconds:6.1f} s  {brought.samples:,} samples into Prometheus, {since}")


def _watch(client: ExportersClient, supervisor: Supervisor, screen: Screen) -> None:
    story, reading = Story(), Reading()
    while True:
        with suppress(ExportersUnavailableError):
            reading = read(client, utc_now())
        for line in story.news(reading, windows=not screen.has_block):
            screen.line(line)
        screen.show(block(reading))
        refreshed = time.monotonic()
        while time.monotonic() - refreshed < REFRESH_SECONDS:
            supervisor.restart_dead()
            time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
