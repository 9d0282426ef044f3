"""What the generator really did beside what was detected."""

from grafana.dashboards_source.detection_curves import SLOW_SECONDS, TOO_SLOW_SECONDS
from grafana.dashboards_source.incident_tables import LINK_RANGE, SHOW_THIS_INCIDENT
from grafana.dashboards_source.navigation import OF_SERVICE, OF_SEVERITY
from grafana.dashboards_source.vocabulary import COUNT, DURATION, KIND, KINDS, MOMENT, SECONDS, SEVERITY
from grafana.schema.colours import BY_THRESHOLD, Colour, fixed
from grafana.schema.fields import Field, named
from grafana.schema.panels import Place
from grafana.schema.queries import ColumnType, Facts
from grafana.schema.scales import Mapped, mappings, thresholds
from grafana.schema.states import Stat, StateTimeline
from grafana.schema.tables import PILL, Column, FactTable
from grafana.schema.transformations import lane_per_value, organize

TIME, NUMBER, TEXT = ColumnType.TIME, ColumnType.NUMBER, ColumnType.TEXT

_LANE_COLUMNS = (("started_at", TIME), ("ended_at", TIME), ("lane", TEXT), ("state", TEXT))
_LANE_STATES = mappings(
    Mapped("ok", " ", Colour.OK_QUIET),
    *SEVERITY,
    *(Mapped(kind, words, Colour.TRUTH) for kind, words in KIND.items()),
)
_OUTCOMES = mappings(
    Mapped("detected", "detected", Colour.OK),
    Mapped("missed", "missed", Colour.WARNING),
    Mapped("running", "running", Colour.MEASURED),
    Mapped("pending", "pending", Colour.TRUTH),
)
_SCORES = ("injected", "detected", "missed", "false_alarms", "median_delay_seconds")
_BAD_FROM_ONE = Field(colour=BY_THRESHOLD, thresholds=thresholds(Colour.OK, (1, Colour.WARNING)))
_SLOW = thresholds(Colour.OK, (SLOW_SECONDS, Colour.WARNING), (TOO_SLOW_SECONDS, Colour.CRITICAL))


def detected_and_injected(place: Place) -> StateTimeline:
    """Return a lane per service and, where faults were injected, one below it.

    The second time column is the end of a state.
    """
    return StateTimeline(
        "Detected and injected, by service",
        "Green, orange, red: what the detector reported. Grey: what the generator really injected (no grey lane with"
        " real traffic). Grey over green was missed; orange or red without grey is a false alarm.",
        place,
        queries=(Facts("timeline", (OF_SERVICE, OF_SEVERITY), _LANE_COLUMNS),),
        shown=Field(mappings=_LANE_STATES, empty="No incident in this time range"),
        overrides=(named("state", Field(name="${__field.labels.lane}")),),
        transformations=(organize([column for column, _ in _LANE_COLUMNS]), lane_per_value("lane")),
        values_shown=True,
        row_height=0.75,
    )


def detection_score(place: Place) -> Stat:
    """Return how many faults were found, and how fast."""
    return Stat(
        "Detection score",
        "Injected faults of this range against what was reported. Without the generator there is nothing to compare.",
        place,
        queries=(Facts("detection-score", (OF_SERVICE,), tuple((column, NUMBER) for column in _SCORES)),),
        shown=Field(empty="Nothing was injected", colour=fixed(Colour.TEXT), unit=COUNT, decimals=0),
        overrides=(
            named("injected", Field(name="Injected")),
            named("detected", Field(name="Detected", colour=fixed(Colour.OK))),
            named("missed", Field(name="Missed").over(_BAD_FROM_ONE)),
            named("false_alarms", Field(name="False alarms").over(_BAD_FROM_ONE)),
            named(
                "median_delay_seconds",
                Field(name="Median delay", unit=SECONDS, colour=BY_THRESHOLD, thresholds=_SLOW),
            ),
        ),
        transformations=(organize(_SCORES),),
        names=True,
        title_size=14,
        value_size=22,
        justify="auto",
        fields="/.*/",
    )


def injected_faults(place: Place) -> FactTable:
    """Return the faults, each with whether it was found."""
    return FactTable(
        "Injected faults",
        "What the generator really did, and whether it was found. Pending: over, and it may still be found.",
        place,
        path="injections",
        parameters=(OF_SERVICE,),
        columns=(
            Column("outcome", TEXT, Field(name="Outcome", width=95, cell=PILL, mappings=_OUTCOMES)),
            Column("service", TEXT, Field(name="Service", width=95)),
            Column("kind", TEXT, Field(name="Fault", width=115, mappings=KINDS)),
            Column("started_at", TIME, Field(name="Started (UTC)", width=120, unit=MOMENT)),
            Column("duration_seconds", NUMBER, Field(name="Lasted", width=85, unit=DURATION)),
            Column("magnitude", TEXT, Field(name="Size", width=215)),
            Column("detection_delay_seconds", NUMBER, Field(name="Seen after", width=95, unit=SECONDS, decimals=0)),
            Column("note", TEXT, Field(name="Reported as", least_width=250, links=SHOW_THIS_INCIDENT)),
            Column("injection_id", TEXT),
            Column("incident_id", TEXT),
            *LINK_RANGE,
        ),
        wrap=True,
        empty="Nothing was injected in this time range",
    )
