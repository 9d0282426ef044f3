"""The books: what became of every event."""

from grafana.dashboards_source.curves import strong
from grafana.dashboards_source.vocabulary import CLOCK, COUNT, SECONDS
from grafana.schema.colours import BY_THRESHOLD, Colour, fixed, shades
from grafana.schema.fields import STACKED, UNSTACKED, Field, named
from grafana.schema.graphs import TimeSeries
from grafana.schema.panels import Place
from grafana.schema.queries import ColumnType, Parameter, PromQL
from grafana.schema.scales import Mapped, mappings, thresholds
from grafana.schema.tables import COLOURED_TEXT, Column, FactTable

TIME, NUMBER, TEXT = ColumnType.TIME, ColumnType.NUMBER, ColumnType.TEXT

_NEWEST: tuple[Parameter, ...] = (("limit", "100"),)
_COUNTS = (("received", 76), ("counted", 74), ("duplicate", 78), ("late", 50), ("invalid", 62), ("future", 62))
_FATES = ("counted", "duplicate", "late", "rejected", "received")
_RECEIVED = Field(
    colour=fixed(Colour.TEXT),
    line_width=1,
    fill=0,
    stacking=UNSTACKED,
    line_style={"fill": "dash", "dash": [4, 6]},
)
_LOST = Field(
    name="Lost",
    width=48,
    unit=COUNT,
    cell=COLOURED_TEXT,
    thresholds=thresholds(Colour.TEXT, (1, Colour.CRITICAL)),
    colour=BY_THRESHOLD,
)
_MISSING = Field(
    name="Missing",
    width=72,
    unit=COUNT,
    cell=COLOURED_TEXT,
    thresholds=thresholds(Colour.CRITICAL, (0, Colour.OK), (1, Colour.CRITICAL)),
    colour=BY_THRESHOLD,
)
_REASON = {
    "missing_field": "missing field",
    "out_of_range": "out of range",
    "invalid_json": "invalid JSON",
    "future": "future",
    "empty": "empty",
    "too_large": "too large",
    "invalid_utf8": "invalid UTF-8",
    "wrong_type": "wrong type",
    "invalid_time": "invalid time",
}
_REASONS = mappings(*(Mapped(reason, words, Colour.TEXT) for reason, words in _REASON.items()))


def events_by_fate(place: Place) -> TimeSeries:
    """Return the classes stacked, and what was received as a line that they must meet."""
    return TimeSeries(
        "Events per second, by fate",
        "Every received event ends in exactly one class. The stack must meet the dashed line.",
        place,
        queries=tuple(PromQL(f"sum(rate(events_{fate}_total[$__rate_interval]))", fate) for fate in _FATES),
        shown=Field(unit="eps", stacking=STACKED, fill=40, line_width=0),
        overrides=(
            strong("counted"),
            strong("duplicate", Colour.TRUTH),
            strong("late", Colour.WARNING),
            strong("rejected", Colour.CRITICAL),
            named("received", _RECEIVED),
        ),
    )


def not_counted(place: Place) -> TimeSeries:
    """Return the events that were not counted, stacked by reason; those without a colour of their own are reds too."""
    return TimeSeries(
        "Not counted, by reason",
        "Events of the last 5 minutes that were not counted, by reason. Lost ones were never received: Kafka dropped"
        " them first.",
        place,
        queries=(
            PromQL("sum by (reason) (increase(events_rejected_total[5m]))", "{{reason}}"),
            PromQL("sum(increase(events_late_total[5m]))", "late"),
            PromQL("sum(increase(events_lost_total[5m]))", "lost"),
        ),
        shown=Field(
            unit="short",
            decimals=0,
            soft_most=10,
            colour=shades(Colour.CRITICAL),
            stacking=STACKED,
            fill=45,
            line_width=0,
        ),
        overrides=(
            strong("late", Colour.WARNING),
            strong("lost", Colour.DARK_RED),
            strong("invalid_json", Colour.CRITICAL),
            strong("missing_field", Colour.LIGHT_RED),
            strong("out_of_range", Colour.DEEP_RED),
            strong("future", Colour.VIOLET_RED),
        ),
    )


def last_batches(place: Place) -> FactTable:
    """Return the books of the newest micro-batches."""
    return FactTable(
        "Last batches",
        "The books of each micro-batch. 'Missing' is what the sum does not explain and must be 0.",
        place,
        path="batches",
        parameters=_NEWEST,
        columns=(
            Column("batch_id", NUMBER, Field(name="Batch", width=62, unit=COUNT)),
            Column("ended_at", TIME, Field(name="Ended (UTC)", width=92, unit=CLOCK)),
            Column("duration_seconds", NUMBER, Field(name="Took", width=70, unit=SECONDS, decimals=2)),
            *(Column(key, NUMBER, Field(name=key.capitalize(), width=width, unit=COUNT)) for key, width in _COUNTS),
            Column("lost", NUMBER, _LOST),
            Column("unaccounted", NUMBER, _MISSING),
        ),
        empty="No batch in this time range",
    )


def dead_letters(place: Place) -> FactTable:
    """Return the newest rejected messages."""
    return FactTable(
        "Dead letters",
        "Rejected messages with the reason, newest first. Hover the preview for the whole text.",
        place,
        path="dead-letters",
        parameters=_NEWEST,
        columns=(
            Column("time", TIME, Field(name="When (UTC)", width=95, unit=CLOCK)),
            Column("reason", TEXT, Field(name="Reason", width=110, mappings=_REASONS)),
            Column("partition", NUMBER, Field(name="Part.", width=50, unit=COUNT)),
            Column("offset", NUMBER, Field(name="Offset", width=72, unit=COUNT)),
            Column("size_bytes", NUMBER, Field(name="Size", width=60, unit="bytes", decimals=0)),
            Column("preview", TEXT, Field(name="Message", inspect=True)),
            Column("topic", TEXT, Field(hidden=True)),
        ),
        empty="Nothing was rejected in this time range",
    )
