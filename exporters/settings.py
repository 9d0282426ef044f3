"""Settings of the exporters."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, field_validator

from contracts.settings import HttpSettings, KafkaSettings, PerService, Port
from exporters.maintenance.settings import MaintenanceSettings


class ExportersSettings(MaintenanceSettings, KafkaSettings, HttpSettings):
    """What the exporters read from the environment."""

    exporters_port: Port = Field(9108, description="Port of /metrics and of the JSON API.")
    http_threads: int = Field(8, ge=2, le=64, description="Threads that answer HTTP requests.")
    http_max_body_bytes: int = Field(65_536, ge=1, description="Longest request body, in bytes; longer ones get a 413.")
    duckdb_path: Path = Field(Path("data/observability.db"), description="The database file; one process may open it.")
    db_pool_size: int = Field(4, ge=1, le=64, description="Queries that may run at once; one more gets a 503.")
    db_query_timeout_seconds: float = Field(10, gt=0, le=600, description="Time limit of one query, in seconds.")
    db_memory_limit: str = Field(
        "512MB", pattern=r"^[1-9][0-9]*(MB|GB)$", description="Memory that DuckDB may use before it spills to disk."
    )
    db_threads: int = Field(1, ge=1, le=64, description="Threads that DuckDB may use for one query.")
    sink_poll_seconds: float = Field(0.5, gt=0, le=10, description="Longest wait for new topic records, in seconds.")
    sink_max_messages: int = Field(5_000, ge=1, le=50_000, description="Most topic records in one transaction.")
    sink_max_attempts: int = Field(
        3, ge=1, le=10, description="Tries to write a batch of records before the process gives up and ends with 1."
    )
    ready_max_lag_seconds: float = Field(
        60, gt=0, description="The sink counts as ready when it was caught up within this many seconds."
    )
    ready_max_batch_age_seconds: float = Field(
        120, gt=0, description="Streaming counts as ready when a micro-batch ended within this many seconds."
    )
    slo_objective: float = Field(
        0.995, gt=0, lt=1, description="Promised share of good requests, between 0 and 1, over 7 days."
    )
    slo_objective_by_service: PerService = Field(
        {}, description="Another SLO_OBJECTIVE for some services, written as checkout=0.999,payments=0.99."
    )
    api_sql_enabled: bool = Field(
        default=False,
        description="Whether POST /api/v1/sql answers: reading SQL, which shares memory and time with everything else.",
    )

    @field_validator("slo_objective_by_service")
    @classmethod
    def _below_one(cls, objectives: Mapping[str, float]) -> Mapping[str, float]:
        wrong = [f"{service}={objective:g}" for service, objective in objectives.items() if objective >= 1]
        if wrong:
            raise ValueError(f"an objective is between 0 and 1, not {', '.join(wrong)}")
        return objectives
