"""``python -m local.broker``: the broker in the foreground, with the platform's topics."""

import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from contracts.settings import Port, Settings, settings_or_exit
from local.broker import Broker, BrokerError
from local.errors import LocalError
from local.interruption import sigterm_interrupts
from local.jars import BROKER
from local.java import find_java
from local.process_group import describe_exit
from local.topics import ensure_topics

READY_DEADLINE_SECONDS = 60.0
STOP_SECONDS = 6.0
"""How long Kafka may take to close its logs; it recovers them at the next start when that was too short."""

POLL_SECONDS = 0.2
READY_LINE = "Kafka is ready at"
"""How the line begins that says that clients can work and the topics exist."""


class BrokerSettings(Settings):
    """What the local broker reads."""

    data_dir: Path = Field(Path("data"), description="Folder of everything that is stored; the broker's part is kafka.")
    kafka_port: Port = Field(29092, description="Port of the local broker, on the loopback interface only.")
    kafka_controller_port: Port = Field(29093, description="Port of the local broker's controller, likewise.")


def main(arguments: Sequence[str]) -> int:
    """Run the broker until SIGTERM or Ctrl-C; the result is the exit code."""
    settings = settings_or_exit(BrokerSettings, arguments)
    try:
        with sigterm_interrupts():
            _run(settings)
    except KeyboardInterrupt:
        _say("Stopped.")
        return 0
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _run(settings: BrokerSettings) -> None:
    ports = (settings.kafka_port, settings.kafka_controller_port)
    broker = Broker(settings.data_dir / "kafka", *ports, find_java().executable, BROKER.directory)
    try:
        broker.start()
        _say(f"Kafka is starting (log: {broker.log_path}) ...")
        broker.wait_until_ready(READY_DEADLINE_SECONDS)
        for line in ensure_topics(broker.address):
            _say(f"  {line}")
        _say(f"{READY_LINE} {broker.address}. Ctrl-C stops it.")
        _wait_for_the_end(broker)
    finally:
        broker.stop(STOP_SECONDS)


def _wait_for_the_end(broker: Broker) -> None:
    exit_code = None
    while exit_code is None:
        exit_code = broker.wait(POLL_SECONDS)
    raise BrokerError(f"The Kafka broker {describe_exit(exit_code)}. Its log: {broker.log_path}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
