"""Settings of the exporters."""

import re
from pathlib import Path

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from contracts.settings import HttpSettings, KafkaSettings, Port, SloSettings
from exporters.maintenance.settings import MaintenanceSettings

# RFC 6750, section 2.1: what needs no quotes in a header, in .env, in make or in a shell.
_BEARER_TOKEN = re.compile(r"(?=.{16,512}\Z)[A-Za-z0-9\-._~+/]+=*")


class ExportersSettings(MaintenanceSettings, KafkaSettings, HttpSettings, SloSettings):
    """What the exporters read from the environment."""

    # Where a wrong setting ends in a traceback, that shows no token.
    model_config = SettingsConfigDict(hide_input_in_errors=True)

    exporters_port: Port = Field(9108, description="Port of /metrics and of the JSON API.")
    api_token: SecretStr | None = Field(
        None, description="Token that every request but /health must bear, at least 16 characters; unset: none."
    )
    # Its value is what the file holds: it is read once, when the settings are.
    api_token_file: SecretStr | None = Field(None, description="File that holds the token, instead of API_TOKEN.")
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
    api_sql_enabled: bool = Field(
        default=False,
        description="Whether POST /api/v1/sql answers: reading SQL, which shares memory and time with everything else.",
    )

    @field_validator("api_token_file", mode="before")
    @classmethod
    def _content(cls, path: object) -> object:
        if path is None:
            return None
        try:
            return Path(str(path)).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise ValueError(f"{path} cannot be read: {error}") from error

    @field_validator("api_token", "api_token_file")
    @classmethod
    def _usable(cls, token: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        if token is not None and not _BEARER_TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("a token has at least 16 characters, of A-Z a-z 0-9 - . _ ~ + / with any = at its end")
        if token is not None and others.data.get("api_token") is not None:
            raise ValueError("API_TOKEN is set as well; keep one of them")
        return token

    @property
    def bearer_token(self) -> SecretStr | None:
        """What requests must bear, or None where they need nothing."""
        return self.api_token if self.api_token_file is None else self.api_token_file
