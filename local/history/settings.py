"""Settings of the command that runs beside Prometheus in containers."""

from pydantic import Field

from exporters.settings import ExportersSettings


class HistorySettings(ExportersSettings):
    """What the command reads from the environment: the token that the exporters ask for, and where Prometheus is."""

    prometheus_url: str = Field(
        "http://127.0.0.1:9090", pattern=r"^https?://[^/]+$", description="Prometheus that the past is brought into."
    )
