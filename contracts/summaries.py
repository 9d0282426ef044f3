"""The record of the topic ``incident_summaries``: one revision of the account of an incident."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.records import Record, Seconds, UtcTime

Line = Annotated[str, Field(max_length=300)]
Paragraph = Annotated[str, Field(max_length=2_000)]


class Grounding(StrEnum):
    """Where the text stands: a model's, checked against the evidence; or the template, alone or in its place."""

    GROUNDED = "grounded"
    REJECTED = "rejected"
    TEMPLATE = "template"


class IncidentSummary(Record):
    """What happened in an incident, from the evidence of the anomalies it names.

    A reader keeps, for each ``incident_id``, the highest ``(revision, emitted_at)``. Revision 1 is the template.
    ``grounded`` is ``rejected`` when a model answered and its text was refused: the words are the template's then,
    ``source`` too, and ``model`` names the one whose answer was refused. ``model`` is '' where none was asked.
    """

    incident_id: Annotated[str, Field(min_length=1, max_length=64)]
    revision: Annotated[int, Field(ge=1)]
    emitted_at: UtcTime
    anomaly_ids: Annotated[tuple[str, ...], Field(min_length=1)]
    headline: Line
    summary: Paragraph
    impact: Paragraph
    most_affected: tuple[Line, ...]
    hypothesis: Paragraph | None
    check_first: Annotated[tuple[Line, ...], Field(max_length=10)]
    confidence: Literal["low", "medium", "high"]
    model: str
    source: Literal["llm", "template"]
    grounded: Grounding
    generation_seconds: Seconds
