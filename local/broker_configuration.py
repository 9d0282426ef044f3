"""Settings of the local broker: one KRaft node that is broker and controller, on the loopback interface only."""

from pathlib import Path

JVM_OPTIONS = (
    # One run each on two shared cores: with the serial collector and C1 alone the broker started in 1.8 to 2.0 s, with
    # the JVM's defaults in 2.5 s, and took no fewer records a second. The small first heap is for the memory.
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
    # INFO of everything is 300 lines a start, most of it the settings; these few tell what the broker does.
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
)


def server_properties(log_dir: Path, port: int, controller_port: int) -> str:
    """Return the content of ``server.properties``.

    Args:
        log_dir: where the broker keeps its records and metadata.
        port: for clients.
        controller_port: for the broker's own talk with its controller.
    """
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(log_dir),
        **_ONE_NODE,
        **_SMALL_MACHINE,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


_ONE_NODE = {
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "auto.create.topics.enable": "false",
    # After SIGKILL the controller takes the broker in again only when its old session is over: 9 s unless told.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # A group of one member need not wait for others before it gets its partitions.
    "group.initial.rebalance.delay.ms": "0",
}

_SMALL_MACHINE = {
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.segment.bytes": str(256 * 1024 * 1024),
    # The dedupe buffer of the log cleaner is 128 MB of heap unless told; only the offsets topic is compacted here.
    "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
}
