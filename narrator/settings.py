"""Settings of the narrator."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

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
    llm_backend: Literal["ollama", "openai", "none"] = Field(
        "ollama",
        description="Who writes the texts after the template: ollama, openai (any server that speaks its interface:"
        " llama.cpp, vLLM), or none (the template only).",
    )
    ollama_url: Annotated[str, AfterValidator(_address)] = Field(
        "http://localhost:11434", description="Address of Ollama; it is asked directly, never through a proxy."
    )
    openai_url: Annotated[str, AfterValidator(_address)] = Field(
        "http://localhost:8080/v1", description="Address of the OpenAI-compatible interface, for LLM_BACKEND=openai."
    )
    openai_api_key: SecretStr = Field(
        SecretStr(""), description="Key that is sent to OPENAI_URL as a bearer token; none where empty."
    )
    openai_api_key_file: Path | None = Field(None, description="File with the key, instead of OPENAI_API_KEY.")
    llm_model: str = Field(
        "phi4-mini",
        pattern=r"^\S+$",
        max_length=200,
        description="Model that is asked for, as its server names it; with Ollama, ollama pull it once.",
    )
    llm_timeout_seconds: float = Field(
        120, gt=0, le=600, description="Time limit of one question to the model, from connecting to the last byte."
    )
    llm_calls_per_minute: int = Field(5, ge=1, le=60, description="Most questions to the model in any minute.")

    @model_validator(mode="after")
    def _one_readable_key(self) -> Self:
        self.key()
        return self

    def key(self) -> str:
        """Return the key for ``openai_url``, '' without one.

        Raises:
            ValueError: it is given twice, its file cannot be read, or it is no header's value.
        """
        key = self.openai_api_key.get_secret_value().strip()
        if self.openai_api_key_file is not None:
            if key:
                raise ValueError("OPENAI_API_KEY and OPENAI_API_KEY_FILE are both set; keep one of them")
            try:
                key = self.openai_api_key_file.read_text(encoding="utf-8").strip()
            except (OSError, ValueError) as error:
                raise ValueError(f"OPENAI_API_KEY_FILE cannot be read: {error}") from error
        if not key.isascii() or any(letter.isspace() or not letter.isprintable() for letter in key):
            raise ValueError("the key in OPENAI_API_KEY or its file is not one printable word")
        return key
