"""The command ``live``: from settings to an exit status."""

import logging
import threading
from contextlib import closing
from datetime import timedelta

from contracts.times import utc_now
from generator.live.app import create_app
from generator.live.kafka_delivery import KafkaDelivery
from generator.live.raw_events_source import RawEventsSource
from generator.live.service import Connections, LiveService
from generator.settings import GeneratorSettings
from runtime.http_server import HttpServer
from runtime.kafka import KafkaPublisher
from runtime.single_instance import AlreadyRunningError, claim

DONE, FAILED = 0, 1
"""Exit statuses."""

_HTTP_THREADS = 2

logger = logging.getLogger(__name__)


def run_live(settings: GeneratorSettings, backfill: timedelta | None, stop: threading.Event) -> int:
    """Send live traffic until ``stop`` is set, and return the exit status."""
    try:
        claim(settings.generator_state_dir, "generator")
    except (AlreadyRunningError, OSError) as error:
        logger.critical("the folder GENERATOR_STATE_DIR cannot be used: %s", error)
        return FAILED
    service = LiveService(settings, kafka_connections(settings.kafka_broker), utc_now, stop)
    app = create_app(service.injections, service.registry, service.health)
    try:
        server = HttpServer(app, settings.http_host, settings.generator_port, _HTTP_THREADS)
    except OSError as error:
        logger.critical(
            "cannot listen; choose another GENERATOR_PORT or HTTP_HOST",
            extra={"host": settings.http_host, "port": settings.generator_port, "error": str(error)},
        )
        return FAILED
    server.start()
    with closing(server):
        service.run(backfill)
    logger.info("stopped")
    return DONE


def kafka_connections(broker: str) -> Connections:
    """Return the ways to the topics of a broker, given as its bootstrap servers."""
    return Connections(
        delivery=lambda instruments: KafkaDelivery(broker, instruments),
        raw_events=lambda: RawEventsSource(broker),
        publisher=lambda: KafkaPublisher(broker, "generator-injections"),
    )
