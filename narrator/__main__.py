"""``python -m narrator``: tells every incident, until SIGTERM or Ctrl-C."""

import logging
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from prometheus_client import CollectorRegistry

from contracts.logs import configure_logging
from contracts.settings import settings_or_exit
from contracts.times import utc_now
from narrator.asker import Asker
from narrator.health import Health
from narrator.loop import Loop
from narrator.model import Model
from narrator.model_log import ModelLog
from narrator.narrator import Narrator
from narrator.ollama import Ollama
from narrator.openai import OpenAi
from narrator.reading import TOPICS
from narrator.settings import NarratorSettings
from runtime.http_server import HttpServer
from runtime.kafka import KafkaPublisher, KafkaSource
from runtime.lasting_counters import LastingCounters
from runtime.single_instance import AlreadyRunningError, claim
from runtime.stop import stop_on_signals
from runtime.telemetry import telemetry_app
from runtime.unit_thread import run_until_stopped

logger = logging.getLogger("narrator")


def main(arguments: Sequence[str]) -> int:
    """Run the service; the result is the exit code."""
    settings = settings_or_exit(NarratorSettings, arguments)
    configure_logging("narrator", settings)
    stop = stop_on_signals()
    try:
        claim(settings.narrator_state_dir, "narrator")
    except (AlreadyRunningError, OSError) as error:
        logger.critical("cannot use NARRATOR_STATE_DIR: %s", error)
        return 1
    health = Health(settings.llm_timeout_seconds)
    counters = LastingCounters(health.registry, settings.narrator_state_dir / "counters.json")
    try:
        server = _telemetry(settings, health, counters)
    except OSError as error:
        logger.critical(
            "cannot listen; choose another NARRATOR_PORT or HTTP_HOST",
            extra={"host": settings.http_host, "port": settings.narrator_port, "error": str(error)},
        )
        return 1
    server.start()
    with closing(server):
        ended_well = narrate(settings, health, stop)
    list(counters.collect())
    return 0 if ended_well else 1


def narrate(settings: NarratorSettings, health: Health, stop: threading.Event) -> bool:
    """Read, tell and publish until ``stop`` is set; the result is whether nothing unforeseen ended it before."""
    model = model_of(settings)
    with _asking(model) as asker:
        name = None if model is None else model.name
        loop = Loop(
            KafkaSource(settings.kafka_broker, TOPICS, "narrator"),
            lambda: KafkaPublisher(settings.kafka_broker, "narrator"),
            Narrator(name, settings.llm_calls_per_minute, utc_now, time.monotonic),
            health,
            clock=time.monotonic,
            asker=asker,
            model_log=ModelLog(name or "", settings.llm_backend),
        )
        return run_until_stopped(loop.run, stop)


def _telemetry(settings: NarratorSettings, health: Health, counters: LastingCounters) -> HttpServer:
    served = CollectorRegistry()
    served.register(counters)
    app = telemetry_app(served, lambda: health.reason)
    return HttpServer(app, settings.http_host, settings.narrator_port, threads=2)


def model_of(settings: NarratorSettings) -> Model | None:
    """Return the model that the settings name; None for none."""
    if settings.llm_backend == "none":
        return None
    if settings.llm_backend == "openai":
        return OpenAi(settings.openai_url, settings.llm_model, settings.llm_timeout_seconds, settings.key())
    return Ollama(settings.ollama_url, settings.llm_model, settings.llm_timeout_seconds)


@contextmanager
def _asking(model: Model | None) -> Iterator[Asker | None]:
    if model is None:
        yield None
        return
    asker = Asker(model, time.monotonic)
    asker.start()
    with closing(asker):
        yield asker


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
