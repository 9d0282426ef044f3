"""The stack of this checkout: `make demo` starts it, the other commands talk to it."""

import os

from pydantic import Field

from contracts.settings import Port, settings_or_exit
from detector.settings import DetectorSettings
from exporters.settings import ExportersSettings
from generator.settings import GeneratorSettings
from local.broker_command import BrokerSettings
from local.stack import Ports, Stack
from narrator.settings import NarratorSettings
from streaming.settings import StreamingSettings


class LiveSettings(
    BrokerSettings, GeneratorSettings, StreamingSettings, DetectorSettings, NarratorSettings, ExportersSettings
):
    """Every setting of every service, so that all mistakes are found before anything starts."""

    prometheus_port: Port = Field(9090, description="Port of the Prometheus that `make demo` starts.")
    grafana_port: Port = Field(3000, description="Port of the Grafana that `make demo` starts where it finds one.")
    backfill: str = Field(
        "2h", pattern=r"^[1-9][0-9]*[mh]$", description="History that `make demo` fills in at most: 90m, 2h."
    )


def live_stack(settings: LiveSettings) -> Stack:
    """Return the stack that the settings describe.

    Paths lie in the data folder and the broker is the stack's own, unless the environment names others.
    """
    ports = Ports(
        kafka=settings.kafka_port,
        kafka_controller=settings.kafka_controller_port,
        **{name: getattr(settings, f"{name}_port") for name in _SERVICES},
    )
    chosen = {name: os.environ[name] for name in _CHOSEN if os.environ.get(name)}
    return Stack(settings.data_dir.absolute(), ports, chosen, settings.bearer_token)


def stack_of_the_environment() -> Stack:
    """Return the stack that commands beside `make demo` talk to; wrong settings end the process with their names."""
    return live_stack(settings_or_exit(LiveSettings, ()))


_SERVICES = ("generator", "streaming", "detector", "narrator", "exporters", "prometheus", "grafana")
_CHOSEN = ("KAFKA_BROKER", "DUCKDB_PATH", "CHECKPOINT_DIR", "SPARK_JARS_DIR")
