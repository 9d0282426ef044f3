"""What is known of the chosen incident: its account, its evidence, and every version of the text."""

from grafana.dashboards_source.curves import limit, thin
from grafana.dashboards_source.navigation import OF_INCIDENT
from grafana.dashboards_source.vocabulary import COUNT, SECONDS
from grafana.schema.colours import Colour, fixed
from grafana.schema.fields import Field, named
from grafana.schema.graphs import Trend
from grafana.schema.panels import Place
from grafana.schema.queries import ColumnType, Facts
from grafana.schema.tables import MARKDOWN, Column, FactTable
from grafana.schema.transformations import organize, unit_from

TIME, NUMBER, TEXT = ColumnType.TIME, ColumnType.NUMBER, ColumnType.TEXT

_EMPTY = "Choose an incident above"


def what_happened(place: Place) -> FactTable:
    """Return the account, as the exporters wrote it in Markdown."""
    return FactTable(
        "What happened",
        "The narrator's account of the chosen incident. It only states numbers found in the evidence; the last line"
        " says who wrote it.",
        place,
        path="incidents",
        parameters=(OF_INCIDENT,),
        columns=(Column("report_markdown", TEXT, Field(name=" ", cell=MARKDOWN)),),
        wrap=True,
        header=False,
        empty=_EMPTY,
    )


def what_the_detector_saw(place: Place) -> Trend:
    """Return the evidence over the minutes from its onset; the second query only learns the unit."""
    columns = ("minute", "value", "expected", "threshold")
    return Trend(
        "What the detector saw",
        "The windows the decision was made on, in minutes from the first bad one: the measured value, what was"
        " expected, and the limit that was crossed. This is all the narrator was given.",
        place,
        queries=(
            Facts("evidence", (OF_INCIDENT,), tuple((column, NUMBER) for column in columns)),
            Facts("evidence", (OF_INCIDENT, ("limit", "1")), (("unit", TEXT),)),
        ),
        shown=Field(empty=_EMPTY),
        overrides=(
            # The unit widens labels, so that only whole minutes have one: halves would read -7, -7, -6, -6.
            named("minute", Field(unit="suffix:m", decimals=0, axis_label="minutes from onset")),
            named("value", Field(name="measured", colour=fixed(Colour.MEASURED), points="always")),
            thin("expected", Colour.TRUTH),
            limit("threshold", shown_as="limit"),
        ),
        transformations=(unit_from("B", "unit"), organize(columns)),
        x_column="minute",
    )


def every_version(place: Place) -> FactTable:
    """Return all texts about the incident, the newest first."""
    return FactTable(
        "Every version of the text",
        "Revision 1 is the template, at once. The model's text replaces it when every number in it is found in the"
        " evidence.",
        place,
        path="summaries",
        parameters=(OF_INCIDENT,),
        columns=(
            Column("emitted_at", TIME, Field(name="Written (UTC)", width=150, unit="time:MMM D HH:mm:ss")),
            Column("revision", NUMBER, Field(name="Revision", width=85, unit=COUNT)),
            Column("source", TEXT, Field(name="By", width=90)),
            Column("model", TEXT, Field(name="Model", width=130)),
            Column("confidence", TEXT, Field(name="Confidence", width=105)),
            Column("grounded", TEXT, Field(name="Grounding", width=110)),
            Column("generation_seconds", NUMBER, Field(name="Took", width=80, unit=SECONDS, decimals=0)),
            Column("headline", TEXT, Field(name="Headline")),
        ),
        sort=("Revision", True),
        empty=_EMPTY,
    )
