"""Settings of the exporters."""

from pathlib import Path

from pydantic import Field

from contracts.settings import HttpSettings, KafkaSettings, Port


class ExportersSettings(KafkaSettings, HttpSettings):
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
