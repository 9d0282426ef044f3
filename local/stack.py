"""The processes of one stack on this machine: which there are, what they are told, when they are ready."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import requests

from local.jars import CONNECTOR
from local.java import Java
from local.ports import LOOPBACK, free_ports
from local.service import Service

_HTTP_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack: its data, its ports and what differs from the defaults.

    ``settings`` are variables of the services, such as TRIGGER_SECONDS.
    """

    data_dir: Path
    kafka_port: int
    controller_port: int
    streaming_port: int
    exporters_port: int
    settings: Mapping[str, str]

    @classmethod
    def isolated(cls, data_dir: Path, settings: Mapping[str, str]) -> "Stack":
        """Return a stack with a data folder of its own, on ports that are free."""
        kafka, controller, streaming, exporters = free_ports(4)
        return cls(data_dir.absolute(), kafka, controller, streaming, exporters, settings)

    @property
    def kafka(self) -> str:
        """Address of the broker."""
        return f"{LOOPBACK}:{self.kafka_port}"

    @property
    def exporters_url(self) -> str:
        """Where the JSON API and /metrics are."""
        return f"http://{LOOPBACK}:{self.exporters_port}"

    @property
    def streaming_url(self) -> str:
        """Where /metrics and /health of the Spark job are."""
        return f"http://{LOOPBACK}:{self.streaming_port}"

    def log(self, name: str) -> Path:
        """Return the log of a service."""
        return self.data_dir / "logs" / f"{name}.log"

    def broker(self) -> Service:
        """Return the broker; ready once it has the topics."""
        return self._service("broker", "local.broker", lambda: "Kafka is ready at" in _text(self.log("broker")))

    def exporters(self) -> Service:
        """Return the exporters; ready once they answer."""
        return self._service("exporters", "exporters", answers(f"{self.exporters_url}/health"))

    def streaming(self, java: Java) -> Service:
        """Return the Spark job; ready once its query runs."""
        ready = answers(f"{self.streaming_url}/health")
        return self._service("streaming", "streaming", ready, {"JAVA_HOME": str(java.home)})

    def environment(self) -> dict[str, str]:
        """Return the variables that make the services one stack."""
        return {
            "DATA_DIR": str(self.data_dir),
            "KAFKA_PORT": str(self.kafka_port),
            "KAFKA_CONTROLLER_PORT": str(self.controller_port),
            "KAFKA_BROKER": self.kafka,
            "STREAMING_PORT": str(self.streaming_port),
            "STREAMING_STATE_DIR": str(self.data_dir / "streaming"),
            "CHECKPOINT_DIR": str(self.data_dir / "checkpoints"),
            "SPARK_JARS_DIR": str(CONNECTOR.directory),
            "EXPORTERS_PORT": str(self.exporters_port),
            "DUCKDB_PATH": str(self.data_dir / "observability.db"),
            **self.settings,
        }

    def _service(
        self, name: str, module: str, ready: Callable[[], bool], extra: Mapping[str, str] | None = None
    ) -> Service:
        env = {**self.environment(), **(extra or {}), "PYTHONUNBUFFERED": "1"}
        return Service(name, [sys.executable, "-m", module], env, self.log(name), ready)


def answers(url: str) -> Callable[[], bool]:
    """Return a check of whether a URL answers with a 200. Loopback never goes through a proxy."""
    session = requests.Session()
    session.trust_env = False

    def check() -> bool:
        try:
            return session.get(url, timeout=_HTTP_TIMEOUT_SECONDS).status_code == HTTPStatus.OK
        except requests.RequestException:
            return False

    return check


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
