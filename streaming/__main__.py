"""``python -m streaming``: the Spark job, until SIGTERM or Ctrl-C."""

import logging
import sys
import threading
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from contracts.logs import configure_logging
from contracts.settings import settings_or_exit
from contracts.times import utc_now
from contracts.topics import RAW_EVENTS
from runtime.http_server import HttpServer
from runtime.kafka import KafkaPublisher, KafkaSource
from runtime.stop import stop_on_signals
from runtime.telemetry import telemetry_app
from runtime.topic_log import BrokerUnavailableError, ClusterChangedError
from streaming.checkpoint import checkpoint_location, note_cluster
from streaming.driver_lock import CheckpointInUseError, DriverLock
from streaming.health import JobCollector, JobState
from streaming.job import Job, JvmGoneError
from streaming.session import ConnectorMissingError, start_session
from streaming.settings import StreamingSettings

logger = logging.getLogger("streaming")

_ORPHAN_DEADLINE_SECONDS = 15.0
_BROKER_PAUSE_SECONDS = 1.0
_ENDINGS = (
    BrokerUnavailableError,
    CheckpointInUseError,
    ClusterChangedError,
    ConnectorMissingError,
    JvmGoneError,
)


def main(arguments: Sequence[str]) -> int:
    """Run the service; the result is the exit code."""
    settings = settings_or_exit(StreamingSettings, arguments)
    configure_logging("streaming", settings)
    stop = threading.Event()
    stop_on_signals(stop)
    state = JobState(trigger_seconds=settings.trigger_seconds)
    server = _telemetry(settings, state)
    try:
        _run(settings, state, stop)
    except _ENDINGS as error:
        logger.error("ending: %s", error)  # noqa: TRY400 - the message says all
        return 1
    finally:
        server.close()
    logger.info("stopped")
    return 0


def _telemetry(settings: StreamingSettings, state: JobState) -> HttpServer:
    registry = CollectorRegistry()
    registry.register(JobCollector(state, utc_now))
    app = telemetry_app(registry, lambda: state.reason_unhealthy)
    server = HttpServer(app, settings.http_host, settings.streaming_port, threads=2)
    server.start()
    return server


def _run(settings: StreamingSettings, state: JobState, stop: threading.Event) -> None:
    lock = DriverLock(settings.streaming_state_dir)
    lock.acquire(_ORPHAN_DEADLINE_SECONDS)
    spark = start_session(settings, lock)
    stop_on_signals(stop)
    topic = KafkaSource(settings.kafka_broker, [RAW_EVENTS.name], "streaming")
    cluster_id = _cluster_id(topic, state, stop)
    if cluster_id is not None:
        note_cluster(settings.streaming_state_dir, cluster_id)
        checkpoint = checkpoint_location(settings.checkpoint_dir, cluster_id)
        publisher = KafkaPublisher(settings.kafka_broker, "streaming")
        Job(spark, settings, checkpoint, publisher, topic, state, stop).run()
        publisher.close()
    spark.stop()


def _cluster_id(topic: KafkaSource, state: JobState, stop: threading.Event) -> str | None:
    """Return the identity of the cluster once it has the topic; None when asked to stop before."""
    while not stop.is_set():
        try:
            topic.partitions()
            return topic.cluster_id()
        except BrokerUnavailableError as error:
            state.reason_unhealthy = f"waiting for Kafka: {error}"
            logger.warning("waiting for Kafka", extra={"error": str(error)})
            stop.wait(_BROKER_PAUSE_SECONDS)
    return None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
