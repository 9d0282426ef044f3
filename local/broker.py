"""A real Kafka broker on this machine, started from its own jars."""

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from local.broker_configuration import JVM_OPTIONS
from local.broker_storage import format_once, write_properties
from local.errors import LocalError
from local.interruption import interrupts_deferred
from local.jars import BROKER
from local.log_files import last_lines
from local.ports import LOOPBACK, check_free
from local.process_group import ProcessGroup, describe_exit
from local.topics import answers

POLL_SECONDS = 0.1
STOP_TIMEOUT_SECONDS = 30.0


class BrokerError(LocalError):
    """The broker did not start, or it ended by itself."""


@dataclass
class Broker:
    """One broker and its data.

    Args:
        data_dir: records, settings and log; made when missing. A path with a comma cannot be expressed to Kafka.
        port: for clients, on the loopback interface only.
        controller_port: for the broker itself, likewise.
        java: the executable to run it with.
        jars: folder that holds the set ``local.jars.BROKER``.
    """

    data_dir: Path
    port: int
    controller_port: int
    java: Path
    jars: Path
    _group: ProcessGroup | None = field(default=None, init=False, repr=False)

    @property
    def address(self) -> str:
        """What clients use as bootstrap server."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def log_path(self) -> Path:
        """The broker's log."""
        return self.data_dir.absolute() / "broker.log"

    @property
    def pid(self) -> int | None:
        """Process id while it is started."""
        return self._group.pid if self._group else None

    def start(self) -> None:
        """Start the broker without waiting for it; a data folder that is new is formatted first.

        Raises:
            PortTakenError: before anything was started.
            LocalError: jars are missing, or the data folder could not be formatted.
        """
        self._check_jars()
        check_free([("Kafka clients", self.port), ("Kafka controller", self.controller_port)])
        data_dir, ports = self.data_dir.absolute(), (self.port, self.controller_port)
        data_dir.mkdir(parents=True, exist_ok=True)
        storage = format_once(data_dir, self._java_command, *ports)
        properties = write_properties(data_dir / "server.properties", storage, *ports)
        with interrupts_deferred():
            self._group = ProcessGroup.start([*self._java_command, "kafka.Kafka", str(properties)], self.log_path)

    def wait_until_ready(self, deadline_seconds: float) -> None:
        """Wait until clients can work with the broker.

        Raises:
            BrokerError: it ended, or it was not ready in time; the text quotes its log.
        """
        deadline = time.monotonic() + deadline_seconds
        while not self.is_ready():
            exit_code = self.exit_code()
            if exit_code is not None:
                raise BrokerError(f"The Kafka broker {describe_exit(exit_code)}.{self._quoted_log()}")
            if time.monotonic() > deadline:
                raise BrokerError(f"The Kafka broker was not ready after {deadline_seconds:.0f} s.{self._quoted_log()}")
            time.sleep(POLL_SECONDS)

    def is_ready(self) -> bool:
        """Whether the broker answers and has joined its cluster."""
        return self.exit_code() is None and self._group is not None and answers(LOOPBACK, self.port)

    def exit_code(self) -> int | None:
        """Return the exit code when the broker ended by itself (negative: a signal), else None."""
        return self._group.exit_code() if self._group else None

    def wait(self, timeout_seconds: float) -> int | None:
        """Wait for the broker to end by itself; return its exit code, or None when the time is over."""
        return self._group.wait(timeout_seconds) if self._group else None

    def stop(self, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> None:
        """End the broker: asked first, by force after the time limit. Nothing happens when it does not run."""
        if self._group:
            self._group.stop(timeout_seconds)
            self._group = None

    def kill(self) -> None:
        """End the broker as a power cut would; its data stays good for the next start."""
        if self._group:
            self._group.kill()
            self._group = None

    @property
    def _java_command(self) -> list[str]:
        class_path = ":".join(str(path) for path in BROKER.paths(self.jars))
        return [str(self.java), *JVM_OPTIONS, "-cp", class_path]

    def _check_jars(self) -> None:
        missing = [path.name for path in BROKER.paths(self.jars) if not path.is_file()]
        if missing:
            raise BrokerError(
                f"{self.jars} lacks {len(missing)} of the broker's jars ({missing[0]}, ...): run `make setup`"
            )

    def _quoted_log(self) -> str:
        return f" The end of its log, {self.log_path}:\n{last_lines(self.log_path)}"


if __name__ == "__main__":
    from local.broker_command import main

    sys.exit(main(sys.argv[1:]))
