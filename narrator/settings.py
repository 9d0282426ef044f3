"""Settings of the narrator."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from contracts.settings import HttpSettings, KafkaSettings, Port


def _address(url: str) -> str:
    """Refuse what no connection can be made to.

    Raises:
        ValueError: it is not an HTTP address, its port is no port, or it holds a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("it is written as http://host:port")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("it holds neither a user nor a query")
    return url.rstrip("/")


class NarratorSettings(KafkaSettings, HttpSettings):
    """What the narrator reads from the environment."""

    narrator_port: Port = Field(9104, description="Port of the narrator's /metrics and /health.")
    narrator_state_dir: Path = Field(
        Path("data/narrator"), description="Folder of the narrator's counters; one narrator may use it."
    )
    llm_backend: Literal["ollama", "none"] = Field(
        "ollama", description="Who writes the texts after the template: ollama, or none (the template only)."
    )
    ollama_url: Annotated[str, AfterValidator(_address)] = Field(
        "http://localhost:11434", description="Address of Ollama; it is asked directly, never through a proxy."
    )
    llm_model: str = Field(
        "phi4-mini",
        pattern=r"^\S+$",
        max_length=200,
        description="Model that Ollama is asked for; ollama pull it once.",
    )
    llm_timeout_seconds: float = Field(
        120, gt=0, le=600, description="Time limit of one question to the model, from connecting to the last byte."
    )
    llm_calls_per_minute: int = Field(5, ge=1, le=60, description="Most questions to the model in any minute.")
