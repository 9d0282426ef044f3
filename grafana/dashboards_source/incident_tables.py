"""Tables of incidents: the open ones, and all of a range."""

from grafana.dashboards_source.navigation import INCIDENTS, OF_SERVICE, SERVICE
from grafana.dashboards_source.vocabulary import DURATION, MOMENT, SECONDS, SEVERITIES, STATES
from grafana.schema.colours import Colour
from grafana.schema.fields import Field
from grafana.schema.links import SERVICE_VARIABLE, TIME_RANGE, data_link
from grafana.schema.panels import Place
from grafana.schema.queries import ColumnType, Parameter
from grafana.schema.scales import Mapped, mappings
from grafana.schema.tables import COLOURED_TEXT, PILL, Column, FactTable

TIME, NUMBER, TEXT = ColumnType.TIME, ColumnType.NUMBER, ColumnType.TEXT

LINK_RANGE = (Column("link_from", NUMBER), Column("link_to", NUMBER))
"""Read as numbers: a link needs epoch milliseconds, not a date."""
INCIDENT_URL = f"/d/{INCIDENTS}?var-incident=${{__data.fields.incident_id}}&{SERVICE_VARIABLE}&{TIME_RANGE}"
SHOW_THIS_INCIDENT = data_link("Show this incident", INCIDENT_URL)

_SERVICE_URL = f"/d/{SERVICE}?var-service=${{__data.fields.service}}"
_THEN = "from=${__data.fields.link_from}&to=${__data.fields.link_to}"
_TEXTS = mappings(
    Mapped("grounded", "grounded", Colour.OK),
    Mapped("rejected", "template", Colour.TRUTH),
    Mapped("template", "template", Colour.TRUTH),
)

_OPEN_COLUMNS = (
    Column("severity", TEXT, Field(name="Severity", width=95, cell=PILL, mappings=SEVERITIES)),
    Column(
        "service",
        TEXT,
        Field(name="Service", width=105, links=data_link("Open service", f"{_SERVICE_URL}&{TIME_RANGE}")),
    ),
    Column("started_at", TIME, Field(name="Since (UTC)", width=95, unit="time:HH:mm")),
    Column("duration_seconds", NUMBER, Field(name="For", width=85, unit=DURATION)),
    Column("headline", TEXT, Field(name="What", least_width=260, links=data_link("Open incident", INCIDENT_URL))),
    Column("hypothesis", TEXT, Field(name="Why (hypothesis)", least_width=260, empty="No hypothesis yet")),
    Column("incident_id", TEXT),
    Column("state", TEXT),
    Column("types", TEXT),
    Column("ended_at", TIME),
    Column("confidence", TEXT),
    Column("source", TEXT),
    Column("grounded", TEXT),
    Column("detection_delay_seconds", NUMBER),
    *LINK_RANGE,
)

_COLUMNS = (
    Column("severity", TEXT, Field(name="Severity", width=90, cell=PILL, mappings=SEVERITIES)),
    Column("state", TEXT, Field(name="State", width=85, cell=COLOURED_TEXT, mappings=STATES)),
    Column(
        "service",
        TEXT,
        Field(name="Service", width=100, links=data_link("Open service at that time", f"{_SERVICE_URL}&{_THEN}")),
    ),
    Column("started_at", TIME, Field(name="Started (UTC)", width=120, unit=MOMENT)),
    Column("duration_seconds", NUMBER, Field(name="Lasted", width=85, unit=DURATION)),
    Column("types", TEXT, Field(name="Kind", width=185)),
    Column("headline", TEXT, Field(name="What", least_width=300, links=SHOW_THIS_INCIDENT)),
    Column("hypothesis", TEXT, Field(name="Why (hypothesis)", least_width=260)),
    Column("confidence", TEXT, Field(name="Confidence", width=95)),
    Column("grounded", TEXT, Field(name="Text", width=95, cell=COLOURED_TEXT, mappings=_TEXTS)),
    Column("detection_delay_seconds", NUMBER, Field(name="Seen after", width=90, unit=SECONDS, decimals=0)),
    Column("incident_id", TEXT),
    Column("ended_at", TIME),
    Column("source", TEXT),
    *LINK_RANGE,
)


def open_incidents(place: Place) -> FactTable:
    """Return the table of incidents that are open at the end of the range."""
    return FactTable(
        "Open incidents",
        "Incidents that are still open, worst first. Click the headline for the whole story, the service for its"
        " curves.",
        place,
        path="incidents",
        parameters=(OF_SERVICE, ("state", "open")),
        columns=_OPEN_COLUMNS,
        wrap=True,
        empty="No open incident",
    )


def incidents(description: str, place: Place, parameters: tuple[Parameter, ...]) -> FactTable:
    """Return the table of all incidents of the range."""
    return FactTable(
        "Incidents",
        description,
        place,
        path="incidents",
        parameters=parameters,
        columns=_COLUMNS,
        wrap=True,
        empty="No incident in this time range",
    )
