"""Settings: read from environment variables, validated once and completely, then frozen.

Each room derives its own class from ``Settings``; a field's name in capitals is the variable's name, its description is
its line in the documentation. All mistakes are reported at once, each with name, value and what is allowed.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Port = Annotated[int, Field(ge=1, le=65535)]


class InvalidSettingsError(ValueError):
    """At least one setting is wrong; the message has a line for each."""


class Settings(BaseSettings):
    """What every service reads."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", validate_default=True, env_ignore_empty=True)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe log lines to write: DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="Form of log lines: json, text, or auto (text on a terminal, else json)."
    )

    @classmethod
    def from_environment(cls) -> Self:
        """Read and validate the settings.

        Raises:
            InvalidSettingsError: naming every wrong variable.
        """
        try:
            return cls()
        except ValidationError as error:
            mistakes = "\n".join(_mistake(cls, mistake) for mistake in error.errors())
            raise InvalidSettingsError(mistakes) from error


def _without_spaces(value: object) -> object:
    return value.replace(" ", "") if isinstance(value, str) else value


BrokerAddress = Annotated[
    str,
    BeforeValidator(_without_spaces),
    Field(pattern=r"^[^\s:,]+:[0-9]{1,5}(,[^\s:,]+:[0-9]{1,5})*$"),
]


def _pairs(value: object) -> object:
    """Read ``checkout=300, payments=800``."""
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if any(not separator or not name.strip() for name, separator, _ in pairs):
        raise ValueError("it is written as service=number, several separated by commas")
    return {name.strip(): number.strip() for name, _, number in pairs}


PerService = Annotated[
    Mapping[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]], NoDecode, BeforeValidator(_pairs)
]
"""A positive number for some services by name; the variable is written as ``checkout=300,payments=800``."""


class KafkaSettings(Settings):
    """What every service that talks to Kafka reads."""

    kafka_broker: BrokerAddress = Field(
        "localhost:29092", description="Kafka bootstrap servers: host:port, several separated by commas."
    )


class HttpSettings(Settings):
    """What every service that answers HTTP reads."""

    http_host: str = Field(
        "127.0.0.1", min_length=1, description="Address to listen on; 0.0.0.0 opens the port to the network."
    )


class SloSettings(Settings):
    """What services are promised to achieve, for those who judge by it or show it."""

    slo_objective: float = Field(
        0.995, gt=0, lt=1, description="Promised share of good requests, between 0 and 1, over 7 days."
    )
    slo_objective_by_service: PerService = Field(
        {}, description="Another SLO_OBJECTIVE for some services, written as checkout=0.999,payments=0.99."
    )

    @field_validator("slo_objective_by_service")
    @classmethod
    def _below_one(cls, objectives: Mapping[str, float]) -> Mapping[str, float]:
        wrong = [f"{service}={objective:g}" for service, objective in objectives.items() if objective >= 1]
        if wrong:
            raise ValueError(f"an objective is between 0 and 1, not {', '.join(wrong)}")
        return objectives


S = TypeVar("S", bound=Settings)


def settings_or_exit(cls: type[S], arguments: Sequence[str]) -> S:
    """Return the settings of a service, or end the process as a command does.

    With ``--check-config`` the process ends with 0 after saying that all is well. Any mistake ends it with 2 and a list
    of all of them on standard error.
    """
    try:
        settings = cls.from_environment()
    except InvalidSettingsError as error:
        sys.stderr.write(f"These settings are wrong. Correct them in the environment or in .env:\n{error}\n")
        raise SystemExit(2) from error
    if "--check-config" in arguments:
        sys.stdout.write("Every setting is valid.\n")
        raise SystemExit(0)
    return settings


def settings_table(*classes: type[Settings]) -> list[tuple[str, str, str]]:
    """Return ``(variable, default, meaning)`` of every setting of the given classes, each variable once."""
    fields = {name: field for cls in classes for name, field in cls.model_fields.items()}
    return [(name.upper(), _default(field), field.description or "") for name, field in fields.items()]


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or isinstance(default, SecretStr):
        return ""
    if isinstance(default, Mapping):
        return ",".join(f"{name}={value}" for name, value in default.items())
    return f"./{default}" if isinstance(default, Path) and not default.is_absolute() else str(default)


def _mistake(cls: type[Settings], mistake: ErrorDetails) -> str:
    name = str(mistake["loc"][0]) if mistake["loc"] else "settings"
    field = cls.model_fields.get(name)
    if field is None:
        return f"  {mistake['msg']}"
    secret = "Secret" in str(field.annotation)
    value = "(hidden)" if secret else repr(mistake["input"])
    return f"  {name.upper()} = {value}: {mistake['msg']}. {field.description}"
