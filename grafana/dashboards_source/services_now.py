"""The table of services with their state at this moment."""

from grafana.dashboards_source.navigation import SERVICE
from grafana.dashboards_source.vocabulary import LEVELS
from grafana.schema.colours import BY_THRESHOLD, Colour, fixed
from grafana.schema.fields import Field, named
from grafana.schema.links import TIME_RANGE, data_link
from grafana.schema.panels import Place
from grafana.schema.queries import PromQL, rows_at_end
from grafana.schema.scales import thresholds
from grafana.schema.tables import COLOURED_BACKGROUND, COLOURED_TEXT, SPARKLINE, Table, gauge
from grafana.schema.transformations import MERGE, curves_in_cells, organize

NO_SERVICE = "No service has sent an event yet"

_NAMES = {
    "service": "Service",
    "Value #D": "Status",
    "Trend #A": "Requests",
    "Trend #B": "Errors",
    "Trend #C": "Latency p95",
    "Value #E": "p95 / SLA",
    "Value #F": "Error budget left",
    "Value #G": "Burn rate 1 h",
}
_CURVE = Field(cell=SPARKLINE, colour=fixed(Colour.MEASURED))
_NUMBER = Field(cell=COLOURED_TEXT, colour=BY_THRESHOLD)

_QUERIES = (
    PromQL('sum by (service) (service_window_request_rate{service=~"$service"})'),
    PromQL('max by (service) (service_window_error_ratio{service=~"$service"})'),
    PromQL('max by (service) (service_window_latency_seconds{service=~"$service",quantile="0.95"})'),
    rows_at_end('max by (service) (service:health_level:max{service=~"$service"})'),
    rows_at_end(
        'max by (service) (service_window_latency_seconds{service=~"$service",quantile="0.95"})'
        ' / on (service) max by (service) (service_sla_latency_seconds{quantile="0.95"})'
    ),
    rows_at_end('min by (service) (slo_error_budget_remaining_ratio{service=~"$service"})'),
    rows_at_end('max by (service) (service:slo_burn_rate:rate1h{service=~"$service"})'),
)

_COLUMNS = (
    named(
        "Service",
        Field(width=150, links=data_link("Open service", f"/d/{SERVICE}?var-service=${{__value.text}}&{TIME_RANGE}")),
    ),
    named("Status", Field(width=110, mappings=LEVELS, cell=COLOURED_BACKGROUND, align="center")),
    named("Requests", Field(unit="reqps", decimals=0).over(_CURVE)),
    named("Errors", Field(unit="percentunit", decimals=2).over(_CURVE)),
    named("Latency p95", Field(unit="s", decimals=0).over(_CURVE)),
    named(
        "p95 / SLA",
        Field(
            width=110,
            unit="percentunit",
            decimals=0,
            thresholds=thresholds(Colour.OK, (0.8, Colour.WARNING), (1, Colour.CRITICAL)),
        ).over(_NUMBER),
    ),
    named(
        "Error budget left",
        Field(
            width=210,
            unit="percentunit",
            decimals=0,
            least=0,
            most=1,
            cell=gauge("text"),
            thresholds=thresholds(Colour.CRITICAL, (0.0001, Colour.WARNING), (0.25, Colour.OK)),
            colour=BY_THRESHOLD,
        ),
    ),
    named(
        "Burn rate 1 h",
        Field(
            width=115,
            unit="none",
            decimals=1,
            thresholds=thresholds(Colour.OK, (1, Colour.WARNING), (14.4, Colour.CRITICAL)),
        ).over(_NUMBER),
    ),
)


def services_now(title: str, description: str, place: Place) -> Table:
    """Return the table: curves over the range beside numbers of its end."""
    return Table(
        title,
        description,
        place,
        queries=_QUERIES,
        overrides=_COLUMNS,
        transformations=(curves_in_cells("ABC"), MERGE, organize(tuple(_NAMES), ("Time",), _NAMES)),
        sort=("Status", True),
        empty=NO_SERVICE,
    )
