"""Settings of maintenance; the exporters' settings include them."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.settings import Settings

ServiceUrl = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")]
Ratio = Annotated[float, Field(gt=0, lt=1)]


class MaintenanceSettings(Settings):
    """What the jobs, the health report and the probes read from the environment."""

    health_interval_minutes: float = Field(
        5, gt=0, le=1_440, description="Minutes between two runs of the job health, which writes the health report."
    )
    quality_interval_hours: float = Field(
        6, gt=0, le=168, description="Hours between two runs of the job quality, which looks for wrong or missing data."
    )
    upkeep_interval_hours: float = Field(
        6, gt=0, le=168, description="Hours between two runs of each of the jobs retention, analyze and checkpoint."
    )
    retention_days: int = Field(
        7, ge=3, le=3_650, description="Days that minutes and the books of micro-batches are kept; Kafka keeps two."
    )
    hourly_retention_days: int = Field(
        90, ge=3, le=3_650, description="Days that hours are kept; at least RETENTION_DAYS."
    )
    anomaly_retention_days: int = Field(
        90, ge=31, le=3_650, description="Days that anomalies, summaries and injections are kept; Kafka keeps thirty."
    )
    dead_letter_retention_days: int = Field(7, ge=1, le=3_650, description="Days that rejected messages are kept.")
    report_retention_days: int = Field(
        30, ge=1, le=3_650, description="Days that job runs, health reports and quality findings are kept."
    )
    health_max_lag_records: int = Field(
        1_000, ge=1, description="Unread records of a topic from which the health report warns."
    )
    health_max_freshness_seconds: float = Field(
        300, gt=0, description="Age of the oldest unprocessed record, in seconds, from which the health is critical."
    )
    health_disk_warning_ratio: Ratio = Field(
        0.15, description="Free share of the database's disk below which the health report warns."
    )
    health_disk_critical_ratio: Ratio = Field(
        0.05, description="Free share of the database's disk below which the health is critical."
    )
    streaming_url: ServiceUrl = Field("http://localhost:9102", description="Where the streaming job answers HTTP.")
    detector_url: ServiceUrl = Field("http://localhost:9103", description="Where the detector answers HTTP.")
    narrator_url: ServiceUrl = Field("http://localhost:9104", description="Where the narrator answers HTTP.")
    generator_url: ServiceUrl = Field("http://localhost:9101", description="Where the generator answers HTTP.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.hourly_retention_days < self.retention_days:
            raise ValueError("HOURLY_RETENTION_DAYS is at least RETENTION_DAYS")
        if self.health_disk_critical_ratio > self.health_disk_warning_ratio:
            raise ValueError("HEALTH_DISK_CRITICAL_RATIO is at most HEALTH_DISK_WARNING_RATIO")
        return self

    def service_urls(self) -> dict[str, str]:
        """Return the address of every other service by its name."""
        return {
            "streaming": self.streaming_url,
            "detector": self.detector_url,
            "narrator": self.narrator_url,
            "generator": self.generator_url,
        }
