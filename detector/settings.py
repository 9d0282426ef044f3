"""Settings of the detector."""

from pathlib import Path

from pydantic import Field

from contracts.settings import HttpSettings, KafkaSettings, PerService, Port, SloSettings


class DetectorSettings(KafkaSettings, HttpSettings, SloSettings):
    """What ``python -m detector`` reads."""

    detector_port: Port = Field(9103, description="Port of the detector's /metrics and /health.")
    detector_state_dir: Path = Field(
        Path("data/detector"), description="Folder of the detector's snapshot and counters; one process may use it."
    )
    detector_max_messages: int = Field(
        5_000, ge=1, le=50_000, description="Most topic records that the detector takes in before it publishes."
    )
    detector_baseline_windows: int = Field(
        10, ge=1, le=60, description="Calm windows of the last hour that are needed to say what is usual."
    )
    detector_min_requests: int = Field(
        20, ge=1, description="Requests below which a window is pooled with those before it; a p95 needs twenty."
    )
    detector_pool_minutes: int = Field(
        5, ge=1, le=15, description="Most minutes that are pooled to reach DETECTOR_MIN_REQUESTS."
    )
    detector_min_errors: int = Field(5, ge=1, description="Errors below which a window is no error surge.")
    detector_error_factor: float = Field(
        3, ge=1, allow_inf_nan=False, description="A surge has more than this times the usual ratio of errors."
    )
    detector_error_floor: float = Field(
        0.01, gt=0, le=1, description="A ratio of errors up to this, 0 to 1, is never a surge."
    )
    detector_burn_rate: float = Field(
        14.4,
        gt=0,
        allow_inf_nan=False,
        description="Multiple of the error budget, over 5 minutes and the hour, from which half the factor is a surge.",
    )
    detector_latency_factor: float = Field(
        2, gt=0, allow_inf_nan=False, description="A p95 latency above this times the service's SLA breaks the promise."
    )
    detector_latency_ratio: float = Field(
        2, gt=1, allow_inf_nan=False, description="A spike is a p95 latency above this times the usual one."
    )
    detector_latency_min_shift_ms: float = Field(
        25, ge=0, allow_inf_nan=False, description="A p95 latency this much above the usual one, in ms, hurts nobody."
    )
    detector_traffic_drop_ratio: float = Field(
        0.7, gt=0, lt=1, description="A drop leaves fewer requests than this times the usual number."
    )
    detector_traffic_surge_ratio: float = Field(
        1.7, gt=1, allow_inf_nan=False, description="A surge has more requests than this times the usual number."
    )
    detector_elevated_shift: float = Field(
        2.5,
        gt=0,
        allow_inf_nan=False,
        description="Spreads beyond the usual from which three windows in a row are bad.",
    )
    detector_clear_shift: float = Field(
        5, gt=0, allow_inf_nan=False, description="Spreads beyond the usual from which two of three windows are bad."
    )
    detector_far_shift: float = Field(
        6,
        gt=0,
        allow_inf_nan=False,
        description="Spreads beyond the usual from which one drop of traffic or one pooled sample of errors is enough.",
    )
    detector_far_slow_share: float = Field(
        0.12,
        gt=0,
        le=1,
        description="Requests above 2.5 x the usual p95, as a share of the usual number, that make one window enough.",
    )
    detector_resolve_windows: int = Field(
        2, ge=1, le=60, description="Normal windows in a row after which an anomaly is resolved."
    )
    detector_cooldown_minutes: int = Field(
        3, ge=0, le=60, description="An anomaly that returns within this many minutes stays in its incident."
    )
    detector_accept_latency_minutes: int = Field(
        60, ge=10, description="Minutes after which a latency that stays is accepted as the new usual one."
    )
    detector_accept_traffic_minutes: int = Field(
        30, ge=10, description="Minutes after which traffic that stays is accepted as the new usual."
    )
    detector_accept_error_minutes: int = Field(
        360, ge=10, description="Minutes after which a ratio of errors below 0.3 that stays is accepted as usual."
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

    def error_budget(self, service: str) -> float:
        """Return the share of requests of a service that may fail."""
        return 1 - self.slo_objective_by_service.get(service, self.slo_objective)
