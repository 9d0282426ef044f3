"""``python -m detector``: judges what streaming counts, until SIGTERM or Ctrl-C."""

import logging
import sys
from collections.abc import Sequence
from contextlib import closing

from prometheus_client import CollectorRegistry

from contracts.logs import configure_logging
from contracts.settings import settings_or_exit
from contracts.times import utc_now
from contracts.topics import AGGREGATED_METRICS, ANOMALIES
from detector.health import DetectorCollector, DetectorState
from detector.instruments import CONSUMER, Instruments
from detector.loop import DetectorLoop, Topics
from detector.settings import DetectorSettings
from runtime.http_server import HttpServer
from runtime.kafka import KafkaPublisher, KafkaSource
from runtime.lasting_counters import LastingCounters
from runtime.single_instance import AlreadyRunningError, claim
from runtime.stop import stop_on_signals
from runtime.telemetry import telemetry_app
from runtime.unit_thread import run_until_stopped

logger = logging.getLogger("detector")


def main(arguments: Sequence[str]) -> int:
    """Run the service; the result is the exit code."""
    settings = settings_or_exit(DetectorSettings, arguments)
    configure_logging("detector", settings)
    stop = stop_on_signals()
    try:
        claim(settings.detector_state_dir, "detector")
    except (AlreadyRunningError, OSError) as error:
        logger.critical("cannot use DETECTOR_STATE_DIR: %s", error)
        return 1
    state, instruments = DetectorState(), Instruments()
    try:
        server = _telemetry(settings, state, instruments)
    except OSError as error:
        logger.critical(
            "cannot listen; choose another DETECTOR_PORT or HTTP_HOST",
            extra={"host": settings.http_host, "port": settings.detector_port, "error": str(error)},
        )
        return 1
    with closing(server):
        loop = DetectorLoop(settings, _topics(settings), state, instruments, utc_now)
        return 0 if run_until_stopped(loop.run, stop) else 1


def _telemetry(settings: DetectorSettings, state: DetectorState, instruments: Instruments) -> HttpServer:
    registry = CollectorRegistry()
    registry.register(LastingCounters(instruments.registry, settings.detector_state_dir / "counters.json"))
    registry.register(DetectorCollector(state))
    app = telemetry_app(registry, lambda: state.reason_unhealthy)
    server = HttpServer(app, settings.http_host, settings.detector_port, threads=2)
    server.start()
    return server


def _topics(settings: DetectorSettings) -> Topics:
    return Topics(
        KafkaSource(settings.kafka_broker, [AGGREGATED_METRICS.name], CONSUMER),
        KafkaSource(settings.kafka_broker, [ANOMALIES.name], CONSUMER),
        lambda: KafkaPublisher(settings.kafka_broker, CONSUMER),
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
