"""Tables of anomalies: those of services, and those of one incident."""

from grafana.dashboards_source.navigation import INCIDENTS, OF_ENDPOINT, OF_INCIDENT, OF_SERVICE
from grafana.dashboards_source.vocabulary import DURATION, KINDS, MOMENT, SEVERITIES, STATES
from grafana.schema.fields import Field
from grafana.schema.links import TIME_RANGE, data_link
from grafana.schema.panels import Place
from grafana.schema.queries import ColumnType
from grafana.schema.tables import COLOURED_TEXT, PILL, Column, FactTable

TIME, NUMBER, TEXT = ColumnType.TIME, ColumnType.NUMBER, ColumnType.TEXT

_DESCRIPTION = "What the detector found: the worst value, what is usual, the limit that was crossed, and the rule."
_EMPTY = "No anomaly in this time range"
_INCIDENT_URL = f"/d/{INCIDENTS}?var-incident=${{__data.fields.incident_id}}&{TIME_RANGE}"

_SEVERITY = Column("severity", TEXT, Field(name="Severity", width=90, cell=PILL, mappings=SEVERITIES))
_WHOSE = (
    Column("state", TEXT, Field(name="State", width=80, cell=COLOURED_TEXT, mappings=STATES)),
    Column("service", TEXT, Field(name="Service", width=90)),
)
_WHAT = (
    Column("endpoint", TEXT, Field(name="Endpoint", width=125)),
    Column("anomaly_type", TEXT, Field(name="Kind", width=105, mappings=KINDS)),
    Column("value_text", TEXT, Field(name="Worst value", width=100, align="right")),
    Column("baseline_text", TEXT, Field(name="Usual", width=85, align="right")),
    Column("threshold_text", TEXT, Field(name="Limit", width=85, align="right")),
    Column("started_at", TIME, Field(name="Began (UTC)", width=110, unit=MOMENT)),
    Column("duration_seconds", NUMBER, Field(name="Lasted", width=85, unit=DURATION)),
)
_WHY = Field(name="Why it fired", least_width=200, links=data_link("Open the incident", _INCIDENT_URL))
_IDS = (Column("anomaly_id", TEXT), Column("incident_id", TEXT))


def anomalies_of_services(place: Place) -> FactTable:
    """Return the anomalies of the chosen services and endpoints."""
    return FactTable(
        "Anomalies",
        _DESCRIPTION,
        place,
        path="anomalies",
        parameters=(OF_SERVICE, OF_ENDPOINT),
        columns=(_SEVERITY, *_WHOSE, *_WHAT, Column("description", TEXT, _WHY), *_IDS),
        wrap=True,
        empty=_EMPTY,
    )


def anomalies_of_incident(place: Place) -> FactTable:
    """Return the anomalies of the chosen incident."""
    return FactTable(
        "Anomalies of this incident",
        _DESCRIPTION,
        place,
        path="anomalies",
        parameters=(OF_INCIDENT,),
        columns=(_SEVERITY, *_WHAT, *_IDS),
        empty=_EMPTY,
    )
