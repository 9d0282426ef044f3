"""Settings of the detector."""

from pathlib import Path

from pydantic import Field

from contracts.settings import HttpSettings, KafkaSettings, PerService, Port


class DetectorSettings(KafkaSettings, HttpSettings):
    """What ``python -m detector`` reads."""

    detector_port: Port = Field(9103, description="Port of the detector's /metrics and /health.")
    detector_state_dir: Path = Field(
        Path("data/detector"), description="Folder of the detector's snapshot and counters; one process may use it."
    )
    detector_max_messages: int = Field(
        5_000, ge=1, le=50_000, description="Most topic records that the detector takes in before it publishes."
    )
    detector_baseline_windows: int = Field(
        10, ge=1, le=60, description="Windows of the last hour that must have requests before errors are judged."
    )
    detector_min_requests: int = Field(
        20, ge=1, description="Requests below which a window of a service is too thin to judge."
    )
    detector_min_errors: int = Field(5, ge=1, description="Errors below which a window is no error surge.")
    detector_error_factor: float = Field(
        3, ge=1, allow_inf_nan=False, description="A surge has more than this times the usual ratio of errors."
    )
    detector_error_floor: float = Field(
        0.01, gt=0, le=1, description="A ratio of errors up to this, 0 to 1, is never a surge."
    )
    detector_latency_factor: float = Field(
        2, gt=0, allow_inf_nan=False, description="A spike is a p95 latency above this times the service's SLA."
    )
    detector_resolve_windows: int = Field(
        2, ge=1, le=60, description="Normal windows in a row after which an anomaly is resolved."
    )
    sla_latency_ms: float = Field(
        500, gt=0, le=3_600_000, description="Promised p95 latency of a service, in milliseconds."
    )
    sla_latency_ms_by_service: PerService = Field(
        {}, description="Promised p95 latency of single services, in milliseconds, as checkout=300,payments=800."
    )

    def sla_seconds(self, service: str) -> float:
        """Return the promised p95 latency of a service in seconds."""
        return self.sla_latency_ms_by_service.get(service, self.sla_latency_ms) / 1000
