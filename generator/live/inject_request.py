"""What may be asked of ``POST /inject``."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from contracts.anomalies import AnomalyType
from generator.live.catalog import SERVICE_NAMES
from generator.live.faults import ADMITTED_MAGNITUDE
from generator.live.rhythm import MINUTE_MS

SHORT_FORMS = {
    "errors": AnomalyType.ERROR_SURGE,
    "latency": AnomalyType.LATENCY_SPIKE,
    "drop": AnomalyType.TRAFFIC_DROP,
    "surge": AnomalyType.TRAFFIC_SURGE,
}
_KINDS = SHORT_FORMS | {str(kind): kind for kind in AnomalyType}
_SHORTEST_MINUTES, _LONGEST_MINUTES = 1, 60

_ALLOWED = {
    "service": f"one of {', '.join(SERVICE_NAMES)}",
    "kind": f"one of {', '.join(_KINDS)}",
    "minutes": f"a number from {_SHORTEST_MINUTES} to {_LONGEST_MINUTES}",
    "magnitude": "a number; "
    + ", ".join(f"for {kind} from {low:g} to {high:g}" for kind, (low, high) in ADMITTED_MAGNITUDE.items()),
}


class InjectRequestError(ValueError):
    """The body is no request for a fault; the message names each field that is wrong and what is allowed."""


def _known_service(name: str) -> str:
    if name not in SERVICE_NAMES:
        raise ValueError("unknown service")
    return name


def _kind(value: Any) -> AnomalyType:  # noqa: ANN401 - whatever the body holds
    if not isinstance(value, str) or value not in _KINDS:
        raise ValueError("unknown kind")
    return _KINDS[value]


class InjectRequest(BaseModel):
    """One fault that is asked for; without ``magnitude`` a typical one is drawn."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    service: Annotated[str, AfterValidator(_known_service)]
    kind: Annotated[AnomalyType, BeforeValidator(_kind)]
    minutes: Annotated[float, Field(ge=_SHORTEST_MINUTES, le=_LONGEST_MINUTES, allow_inf_nan=False)]
    magnitude: Annotated[float, Field(allow_inf_nan=False)] | None = None

    @field_validator("magnitude")
    @classmethod
    def _of_its_kind(cls, magnitude: float | None, others: ValidationInfo) -> float | None:
        if magnitude is not None and "kind" in others.data:
            low, high = ADMITTED_MAGNITUDE[others.data["kind"]]
            if not low <= magnitude <= high:
                raise ValueError("out of range")
        return magnitude

    @property
    def length_ms(self) -> int:
        """How long the fault is to last, in milliseconds."""
        return round(self.minutes * MINUTE_MS)


def read_inject_request(body: bytes) -> InjectRequest:
    """Read the body of ``POST /inject``.

    >>> read_inject_request(b'{"service": "payments", "kind": "latency", "minutes": 3}').kind.value
    'latency_spike'

    Raises:
        InjectRequestError: it is no such request.
    """
    try:
        return InjectRequest.model_validate_json(body)
    except ValidationError as error:
        raise InjectRequestError("; ".join(_mistake(each) for each in error.errors())) from error


def _mistake(error: ErrorDetails) -> str:
    field = ".".join(map(str, error["loc"]))
    if not field:
        return f"the body has to be a JSON object with the fields {', '.join(_ALLOWED)}"
    if field not in _ALLOWED:
        return f"{field!r} is not a field; there are {', '.join(_ALLOWED)}"
    return f"{field} has to be {_ALLOWED[field]}"
