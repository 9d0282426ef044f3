"""The processes of one stack on this machine: which there are, what they are told, when they are ready."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

import requests
from pydantic import SecretStr

from local.broker_command import READY_LINE
from local.exporters_client import ExportersClient
from local.jars import CONNECTOR
from local.java import Java
from local.loopback import loopback_session
from local.ports import LOOPBACK, free_ports
from local.service import Service

_HTTP_TIMEOUT_SECONDS = 1.0
_BROKER_STOP_SECONDS = 8.0
_SERVICE_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each process of a stack listens, on the loopback interface."""

    kafka: int
    kafka_controller: int
    generator: int
    streaming: int
    detector: int
    narrator: int
    exporters: int
    prometheus: int
    grafana: int

    @classmethod
    def free(cls) -> "Ports":
        """Return ports that nobody uses."""
        return cls(*free_ports(len(cls.__dataclass_fields__)))

    def named(self) -> list[tuple[str, int]]:
        """Return each port with what it is for."""
        return [(name.replace("_", " "), port) for name, port in asdict(self).items()]


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack: its data, its ports and what differs from the defaults.

    ``settings`` are variables of the services, such as TRIGGER_SECONDS; KAFKA_BROKER among them means that the broker
    is somebody else's. ``token`` is what the exporters ask for, None for nothing.
    """

    data_dir: Path
    ports: Ports
    settings: Mapping[str, str]
    token: SecretStr | None = None

    @classmethod
    def isolated(cls, data_dir: Path, settings: Mapping[str, str]) -> "Stack":
        """Return a stack with a data folder of its own, on free ports of the loopback interface, without a token."""
        return cls(data_dir.absolute(), Ports.free(), {"HTTP_HOST": LOOPBACK, **settings})

    @property
    def kafka(self) -> str:
        """Address of the broker."""
        return self.settings.get("KAFKA_BROKER", f"{LOOPBACK}:{self.ports.kafka}")

    @property
    def has_own_broker(self) -> bool:
        """Whether the broker is one of its processes."""
        return "KAFKA_BROKER" not in self.settings

    @property
    def exporters_url(self) -> str:
        """Where the JSON API and /metrics are."""
        return self.url("exporters")

    @property
    def streaming_url(self) -> str:
        """Where /metrics and /health of the Spark job are."""
        return self.url("streaming")

    def url(self, name: str) -> str:
        """Return where a process answers HTTP."""
        return f"http://{LOOPBACK}:{asdict(self.ports)[name]}"

    @property
    def token_text(self) -> str:
        """The token as it is sent; empty where there is none."""
        return "" if self.token is None else self.token.get_secret_value()

    def exporters_client(self) -> ExportersClient:
        """Return a client that bears the token."""
        return ExportersClient(self.exporters_url, self.token)

    def log(self, name: str) -> Path:
        """Return the log of a service."""
        return self.data_dir / "logs" / f"{name}.log"

    def broker(self) -> Service:
        """Return the broker; ready once it has the topics."""
        return self._python("broker", "local.broker", says(self.log("broker"), READY_LINE), _BROKER_STOP_SECONDS)

    def generator(self, *arguments: str) -> Service:
        """Return the generator; ready once it sends live traffic."""
        return self._python("generator", "generator", answers(f"{self.url('generator')}/health"), arguments=arguments)

    def detector(self) -> Service:
        """Return the detector; ready once it reads windows."""
        return self._python("detector", "detector", answers(f"{self.url('detector')}/health"))

    def narrator(self) -> Service:
        """Return the narrator; ready once it reads anomalies."""
        return self._python("narrator", "narrator", answers(f"{self.url('narrator')}/health"))

    def exporters(self) -> Service:
        """Return the exporters; ready once they answer."""
        ready = answers(f"{self.exporters_url}/health")
        return self._python("exporters", "exporters", ready, environment={"API_TOKEN": self.token_text})

    def streaming(self, java: Java) -> Service:
        """Return the Spark job; ready once its query runs."""
        ready = answers(f"{self.streaming_url}/health")
        return self._python("streaming", "streaming", ready, environment={"JAVA_HOME": str(java.home)})

    def environment(self) -> dict[str, str]:
        """Return the variables that make the services one stack."""
        return {
            "DATA_DIR": str(self.data_dir),
            "KAFKA_PORT": str(self.ports.kafka),
            "KAFKA_CONTROLLER_PORT": str(self.ports.kafka_controller),
            "KAFKA_BROKER": self.kafka,
            "CHECKPOINT_DIR": str(self.data_dir / "checkpoints"),
            "SPARK_JARS_DIR": str(CONNECTOR.directory),
            "DUCKDB_PATH": str(self.data_dir / "observability.db"),
            **{f"{name}_PORT".upper(): str(asdict(self.ports)[name]) for name in ("exporters", *_KEEPERS_OF_STATE)},
            **{f"{name}_STATE_DIR".upper(): str(self.data_dir / name) for name in _KEEPERS_OF_STATE},
            **{f"{name}_URL".upper(): self.url(name) for name in _KEEPERS_OF_STATE},
            # The surroundings may hold a token; the exporters alone are given the stack's.
            "API_TOKEN": "",
            "API_TOKEN_FILE": "",
            **self.settings,
        }

    def _python(  # noqa: PLR0913 - what a service needs
        self,
        name: str,
        module: str,
        ready: Callable[[], bool],
        stop_seconds: float = _SERVICE_STOP_SECONDS,
        *,
        arguments: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Service:
        env = {**self.environment(), **(environment or {}), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", module, *arguments]
        return Service(name, command, env, self.log(name), ready, stop_seconds)


_KEEPERS_OF_STATE = ("generator", "streaming", "detector", "narrator")


def answers(url: str) -> Callable[[], bool]:
    """Return a check of whether a URL answers with a 200. Loopback never goes through a proxy."""
    session = loopback_session()

    def check() -> bool:
        try:
            return session.get(url, timeout=_HTTP_TIMEOUT_SECONDS).status_code == HTTPStatus.OK
        except requests.RequestException:
            return False

    return check


def says(log: Path, text: str) -> Callable[[], bool]:
    """Return a check of whether a log has had a text added since this call."""
    known_bytes = log.stat().st_size if log.exists() else 0

    def check() -> bool:
        if not log.exists():
            return False
        content = log.read_bytes()
        # A long log is set aside when its process starts: a shorter one is new from its beginning.
        return text.encode() in content[known_bytes if known_bytes <= len(content) else 0 :]

    return check
