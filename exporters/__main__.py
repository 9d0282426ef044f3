"""``python -m exporters``: sink, store, maintenance and HTTP in one process."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from contracts.logs import configure_logging
from contracts.settings import settings_or_exit
from contracts.times import utc_now
from exporters.instruments import Instruments
from exporters.maintenance.assembly import Maintenance, Sources
from exporters.probes import Probes
from exporters.settings import ExportersSettings
from exporters.sink_loop import SinkFailedError, SinkLoop
from exporters.store.budget_figures import Objectives
from exporters.store.database import Database
from exporters.store.decode import TOPICS
from exporters.store.errors import StoreError
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from exporters.web.app import create_app
from exporters.web.jobs import jobs_blueprint
from exporters.web.status import Limits
from runtime.http_server import HttpServer
from runtime.kafka import KafkaSource
from runtime.stop import stop_on_signals
from runtime.topic_log import RecordSource

logger = logging.getLogger("exporters")


def main() -> int:
    """Run until SIGTERM or SIGINT; return the exit status."""
    settings = settings_or_exit(ExportersSettings, sys.argv[1:])
    configure_logging("exporters", settings)
    stop = threading.Event()
    stop_on_signals(stop)
    try:
        serve(settings, KafkaSource(settings.kafka_broker, TOPICS, "exporters"), stop)
    except (StoreError, SinkFailedError) as error:
        logger.critical(str(error), exc_info=error.__cause__)
        return 1
    except OSError as error:
        logger.critical(
            "cannot listen; choose another EXPORTERS_PORT or HTTP_HOST",
            extra={"host": settings.http_host, "port": settings.exporters_port, "error": str(error)},
        )
        return 1
    return 0


def serve(settings: ExportersSettings, source: RecordSource, stop: threading.Event) -> None:
    """Open the store, answer HTTP and read topics until ``stop`` is set; then close everything in order.

    Raises:
        StoreError: the database cannot be opened.
        OSError: the port is taken.
        SinkFailedError: the database cannot be written.
    """
    instruments = Instruments(settings.duckdb_path.with_suffix(".counters.json"))
    with ExitStack() as parts:
        path, timeout = settings.duckdb_path, settings.db_query_timeout_seconds
        database = Database.open(path, settings.db_memory_limit, settings.db_threads, external_access=False)
        parts.enter_context(closing(database))
        gate = threading.Lock()
        sink = parts.enter_context(closing(Sink(database, instruments.observe_query, gate)))
        readers = CursorPool(database, settings.db_pool_size, timeout, instruments.observe_query)
        # The snapshot has a cursor of its own, so that no HTTP client can keep the sink waiting.
        figures = parts.enter_context(closing(CursorPool(database, 1, timeout, instruments.observe_query)))
        parts.enter_context(closing(source))
        loop = SinkLoop(
            source,
            sink,
            figures,
            utc_now,
            poll_seconds=settings.sink_poll_seconds,
            max_messages=settings.sink_max_messages,
            max_attempts=settings.sink_max_attempts,
            objectives=Objectives(settings.slo_objective, settings.slo_objective_by_service),
        )
        parts.enter_context(closing(readers))
        probes = parts.enter_context(closing(Probes(settings.service_urls(), utc_now)))
        sources = Sources(
            database=database,
            gate=gate,
            path=path,
            snapshot=lambda: loop.snapshot,
            answers=probes.answers,
            now=utc_now,
            stop=stop,
            batch_age_seconds=settings.ready_max_batch_age_seconds,
        )
        maintenance = parts.enter_context(closing(Maintenance(settings, sources)))
        # It closes before maintenance does, whose jobs its clients may wait for.
        parts.enter_context(_answering(settings, readers, loop, instruments, probes=probes, maintenance=maintenance))
        probes.start()
        maintenance.start()
        loop.run(stop)
    logger.info("stopped; the database is written and closed")


@contextmanager
def _answering(  # noqa: PLR0913 - everything that has something to tell
    settings: ExportersSettings,
    pool: CursorPool,
    loop: SinkLoop,
    instruments: Instruments,
    *,
    probes: Probes,
    maintenance: Maintenance,
) -> Iterator[None]:
    limits = Limits(settings.ready_max_lag_seconds, settings.ready_max_batch_age_seconds)
    app = create_app(
        pool,
        lambda: loop.snapshot,
        instruments,
        utc_now,
        limits=limits,
        max_body_bytes=settings.http_max_body_bytes,
        api_token=settings.bearer_token,
        sql_enabled=settings.api_sql_enabled,
        extra_parts=lambda: probes.part_states(loop.snapshot.stream_time),
        blueprints=[jobs_blueprint(maintenance.schedule, pool, utc_now)],
        collectors=[maintenance.collector],
    )
    server = HttpServer(app, settings.http_host, settings.exporters_port, settings.http_threads)
    server.start()
    logger.info("answering", extra={"host": settings.http_host, "port": settings.exporters_port})
    with closing(server):
        yield


if __name__ == "__main__":
    sys.exit(main())
