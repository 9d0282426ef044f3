"""The record of the topic ``injections``: the ground truth of the generator."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.anomalies import AnomalyType
from contracts.records import Record, UtcTime


class Injection(Record):
    """A fault that the generator put into its traffic.

    Published when it begins, with the planned end; again with the next revision when it ends earlier than planned. A
    reader keeps, for each ``injection_id``, the highest ``(revision, emitted_at)``.

    ``magnitude`` depends on the kind: the share of failed requests (``error_surge``, 0 to 1), the factor on latencies
    (``latency_spike``), the factor on the number of requests (``traffic_drop`` below 1, ``traffic_surge`` above).
    """

    injection_id: Annotated[str, Field(min_length=1, max_length=64)]
    revision: Annotated[int, Field(ge=1)]
    emitted_at: UtcTime
    service: str
    kind: AnomalyType
    started_at: UtcTime
    ended_at: UtcTime
    magnitude: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    origin: Literal["chance", "request", "history"]
