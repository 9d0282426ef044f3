"""Service: how one service is doing against what it promised and what is usual."""

from grafana.dashboards_source import service_curves
from grafana.dashboards_source.anomaly_tables import anomalies_of_services
from grafana.dashboards_source.endpoints import endpoints
from grafana.dashboards_source.incident_tables import open_incidents
from grafana.dashboards_source.layers import AnnotationSource, injections, severity_layers
from grafana.dashboards_source.navigation import OF_SERVICE, SERVICE, TITLES, links_from
from grafana.dashboards_source.service_levels import burn_rate, error_budget
from grafana.dashboards_source.services_now import services_now
from grafana.dashboards_source.vocabulary import SERVICE_COLOURS
from grafana.schema import JsonObject
from grafana.schema.dashboards import Dashboard
from grafana.schema.fields import Field, matching
from grafana.schema.graphs import TimeSeries
from grafana.schema.panels import Place, Row
from grafana.schema.queries import ColumnType, Facts
from grafana.schema.variables import label_values


def _variables() -> tuple[JsonObject, ...]:
    """Return the drop-downs. Service has no All, so that the first service is the default."""
    service = "One service reads best; several are shown below each other"
    endpoint = "Applies to the endpoint row; the curves above always show the whole service"
    of_service = 'service_requests_total{service=~"$service"}'
    return (
        label_values("service", service, "service_requests_total", everything=False),
        label_values("endpoint", endpoint, of_service, everything=True),
    )


def _from_the_store(what: str, column: str, unit: str, place: Place) -> TimeSeries:
    columns = (("time", ColumnType.TIME), ("service", ColumnType.TEXT), (column, ColumnType.NUMBER))
    step = ("step_ms", "${__interval_ms}")
    return TimeSeries(
        f"{what}, from the store",
        "Event-time history that the platform keeps itself, for ranges Prometheus has no past for. Down-sampled so that"
        " peaks stay.",
        place,
        queries=(Facts("metrics", (OF_SERVICE, step), columns, "timeseries"),),
        shown=Field(unit=unit),
        overrides=(matching("/.*/", Field(name="${__field.labels.service}")), *SERVICE_COLOURS),
    )


def service(source: AnnotationSource) -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        uid=SERVICE,
        title=TITLES[SERVICE],
        description="How one service is doing against what it promised and what is usual.",
        refresh="10s",
        links=links_from(SERVICE),
        variables=_variables(),
        layers=(*severity_layers(source), *injections(source)),
        panels=(
            services_now(
                "Now",
                "The state of the chosen services. Curves cover the selected range; numbers are the newest closed"
                " window.",
                Place(0, 0, 24, 4),
            ),
            open_incidents(Place(0, 4, 24, 4)),
            Row("$service", 8, repeat="service"),
            service_curves.requests(Place(0, 9, 8, 8)),
            service_curves.errors(Place(8, 9, 8, 8)),
            service_curves.latency(Place(16, 9, 8, 8)),
            service_curves.latency_distribution(Place(0, 17, 24, 6)),
            Row("Endpoints", 23),
            endpoints(Place(0, 24, 24, 7)),
            Row("Anomalies", 31),
            anomalies_of_services(Place(0, 32, 24, 7)),
            Row("Service levels", 39),
            error_budget(Place(0, 40, 12, 7)),
            burn_rate(Place(12, 40, 12, 7)),
            Row(
                "Long history from the store",
                47,
                collapsed=(
                    _from_the_store("Error ratio", "error_ratio", "percentunit", Place(0, 48, 12, 8)),
                    _from_the_store("Latency p95", "p95_seconds", "s", Place(12, 48, 12, 8)),
                ),
            ),
        ),
    )
