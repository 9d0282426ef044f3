"""The records on the platform's own topics: frozen, strictly parsed, limited in size.

Every fact is an idempotent merge: a record may arrive twice, out of order, or again from the beginning, and what a
reader keeps stays the same.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from contracts.topics import MAX_RECORD_BYTES


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the moment is not within the years 1 to 9999 of UTC") from error


Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
UtcTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Position = tuple[Count, Count]
T = TypeVar("T")


class MalformedRecordError(ValueError):
    """The bytes are not a record of this topic; the message names each field that is wrong."""


class RecordTooLargeError(ValueError):
    """The record is longer than the topic allows."""


class Record(BaseModel):
    """What all records share. Unknown fields are ignored, so that a newer writer does not stop an older reader."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    schema_version: Literal[1] = 1

    def encode(self) -> bytes:
        """Return the record as UTF-8 JSON.

        Raises:
            RecordTooLargeError: it is longer than ``MAX_RECORD_BYTES``.
        """
        value = self.model_dump_json().encode()
        if len(value) > MAX_RECORD_BYTES:
            raise RecordTooLargeError(f"{type(self).__name__} has {len(value)} bytes, allowed are {MAX_RECORD_BYTES}")
        return value

    @classmethod
    def decode(cls, value: bytes | None) -> Self:
        """Read a record.

        Raises:
            MalformedRecordError: the bytes are not such a record.
        """
        return _validated(TypeAdapter(cls), value)


class Bucket(NamedTuple):
    """One latency bucket of a window, cumulative for that window."""

    bucket_index: int
    requests: Count
    errors: Count
    latency_sum_seconds: Seconds
    latency_max_seconds: Seconds


Arrivals = tuple[Count, Count]
"""Requests of a bucket in the first and in the second third of its window, cumulative like the rest."""


class WindowUpdate(Record):
    """The buckets of one (window, service, endpoint) that changed. A reader keeps the maximum of each number.

    ``arrivals`` say for each of ``buckets`` when its requests came; empty where that is not known.
    """

    record: Literal["window_update"] = "window_update"
    window_start: UtcTime
    window_end: UtcTime
    service: str
    endpoint: str
    buckets: tuple[Bucket, ...]
    arrivals: tuple[Arrivals, ...] = ()
    run_id: str
    batch_id: Count
    emitted_at: UtcTime


class BatchEnd(Record):
    """The books of one micro-batch, written to every partition after the batch's window updates.

    ``offsets`` are the raw events read, per partition, as ``[from, to)``. ``max_event_time`` is that of the events
    counted in this batch, None when there were none: readers keep the running maximum per partition.
    """

    record: Literal["batch_end"] = "batch_end"
    run_id: str
    batch_id: Count
    offsets: dict[int, Position]
    received: Count
    counted: Count
    duplicate: Count
    late: Count
    invalid: dict[str, Count]
    future: Count
    lost: Count
    watermark: UtcTime | None
    max_event_time: UtcTime | None
    duration_seconds: Seconds
    emitted_at: UtcTime

    @property
    def unaccounted(self) -> int:
        """Received events that no class explains: 0 unless something is broken."""
        return self.received - self.counted - self.duplicate - self.late - sum(self.invalid.values()) - self.future


class DeadLetter(Record):
    """A rejected message: where it was, why it was rejected and how it began."""

    topic: str
    partition: Count
    offset: Count
    reason: str
    received_at: UtcTime
    encoding: Literal["utf-8", "base64"]
    content: str
    size_bytes: Count
    sha256: str

    @property
    def key(self) -> str:
        """The message's position: the record's key, so that a repeated letter replaces itself."""
        return f"{self.topic}-{self.partition}-{self.offset}"


AggregatedMetric = Annotated[WindowUpdate | BatchEnd, Field(discriminator="record")]
_AGGREGATED_METRIC: TypeAdapter[WindowUpdate | BatchEnd] = TypeAdapter(AggregatedMetric)


def decode_aggregated_metric(value: bytes | None) -> WindowUpdate | BatchEnd:
    """Read a record of the topic ``aggregated_metrics``.

    Raises:
        MalformedRecordError: the bytes are neither a window update nor a batch end.
    """
    return _validated(_AGGREGATED_METRIC, value)


def _validated(adapter: TypeAdapter[T], value: bytes | None) -> T:
    if value is None:
        raise MalformedRecordError("the record has no value")
    if len(value) > MAX_RECORD_BYTES:
        raise MalformedRecordError(f"{len(value)} bytes, allowed are {MAX_RECORD_BYTES}")
    try:
        return adapter.validate_json(value)
    except ValidationError as error:
        wrong = ", ".join(f"{'.'.join(map(str, e['loc'])) or 'value'}: {e['msg']}" for e in error.errors())
        raise MalformedRecordError(wrong) from error
