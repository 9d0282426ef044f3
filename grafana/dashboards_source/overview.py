"""Overview: is anything wrong, where, since when, and why."""

from grafana.dashboards_source.incident_tables import incidents, open_incidents
from grafana.dashboards_source.layers import AnnotationSource, from_metrics, severity_layers
from grafana.dashboards_source.navigation import (
    OF_SERVICE,
    OVERVIEW,
    PIPELINE,
    SERVICE,
    TITLES,
    links_from,
    services_with_all,
)
from grafana.dashboards_source.service_levels import burn_rate, error_budget
from grafana.dashboards_source.services_now import NO_SERVICE, services_now
from grafana.dashboards_source.vocabulary import LEVELS, SERVICE_COLOURS
from grafana.schema.colours import BY_THRESHOLD, Colour
from grafana.schema.dashboards import Dashboard
from grafana.schema.fields import Field, named
from grafana.schema.graphs import TimeSeries
from grafana.schema.links import TIME_RANGE, data_link
from grafana.schema.panels import Place, Row
from grafana.schema.queries import PromQL, at_end
from grafana.schema.scales import Mapped, mappings, thresholds
from grafana.schema.states import Stat, StateTimeline

_OPEN_SERVICE = data_link(
    "Open ${__field.labels.service}", f"/d/{SERVICE}?var-service=${{__field.labels.service}}&{TIME_RANGE}"
)
_ANOMALIES = "Anomalies by service"


def _with_most_trouble(count: int) -> str:
    """Return what keeps so many services of an expression: those that were worst and longest so in the range."""
    trouble = 'max by (service) (sum_over_time(service:health_level:max{service=~"$service"}[$__range:1m] @ end()))'
    return f" and on (service) topk({count}, {trouble})"


def _right_now(place: Place) -> Stat:
    fresh = "max(pipeline_freshness_seconds)"
    worst = 'max(service:health_level:max{service=~"$service"})'
    known = f"({worst} and on () ({fresh} < 300))"
    unknown = f"(0 * ({fresh} >= 300) - 1)"
    return Stat(
        "Right now",
        "Worst state of all services, and how old the data is. When the pipeline has not moved for 5 minutes the state"
        " is unknown, whatever the services say.",
        place,
        queries=(at_end(f"{known} or on () {unknown}", "Services"), at_end(fresh, "Data age")),
        shown=Field(colour=BY_THRESHOLD, thresholds=thresholds(Colour.TRUTH)),
        overrides=(named("Services", _SERVICES), named("Data age", _DATA_AGE)),
        tiles=True,
        names=True,
        title_size=15,
        value_size=28,
    )


_SERVICES = Field(
    mappings=mappings(
        Mapped("-1", "STALE DATA", Colour.TRUTH),
        Mapped("0", "ALL GOOD", Colour.OK_QUIET),
        Mapped("1", "WARNING", Colour.WARNING),
        Mapped("2", "CRITICAL", Colour.CRITICAL),
    ),
    thresholds=thresholds(Colour.TRUTH, (0, Colour.OK), (1, Colour.WARNING), (2, Colour.CRITICAL)),
)
_DATA_AGE = Field(
    unit="s",
    decimals=0,
    thresholds=thresholds(Colour.OK_QUIET, (60, Colour.WARNING), (300, Colour.CRITICAL)),
    links=data_link("Open pipeline", f"/d/{PIPELINE}?{TIME_RANGE}"),
)


def _anomalies(place: Place) -> StateTimeline:
    level = 'max by (service) (service:health_level:max{service=~"$service"})'
    return StateTimeline(
        _ANOMALIES,
        "Worst active anomaly over time, as the detector published it. At most six services, those with the most"
        " trouble in this range.",
        place,
        queries=(PromQL(f"{level}{_with_most_trouble(6)}", "{{service}}"),),
        shown=Field(mappings=LEVELS, empty=NO_SERVICE),
    )


def _per_service(title: str, description: str, place: Place, expression: str, shown: Field) -> TimeSeries:
    return TimeSeries(
        title,
        description,
        place,
        queries=(PromQL(f"{expression}{_with_most_trouble(10)}", "{{service}}"),),
        shown=shown.over(Field(links=_OPEN_SERVICE)),
        overrides=SERVICE_COLOURS,
    )


def _curves() -> tuple[TimeSeries, ...]:
    return (
        _per_service(
            "Requests per second",
            "Requests per second in the newest closed window. A sudden drop is as alarming as errors. At most ten"
            " services, those with the most trouble.",
            Place(0, 15, 8, 6),
            'sum by (service) (service_window_request_rate{service=~"$service"})',
            Field(unit="reqps"),
        ),
        _per_service(
            "Error ratio",
            "Share of requests with status 500 or above in the newest closed window.",
            Place(8, 15, 8, 6),
            'max by (service) (service_window_error_ratio{service=~"$service"})',
            Field(unit="percentunit", soft_most=0.02),
        ),
        _per_service(
            "Latency p95",
            "95th percentile of the newest closed window; within 1.1 % of the true value.",
            Place(16, 15, 8, 6),
            'max by (service) (service_window_latency_seconds{service=~"$service",quantile="0.95"})',
            Field(unit="s", soft_most=0.5),
        ),
    )


def overview(source: AnnotationSource) -> Dashboard:
    """Return the dashboard. The anomalies' timeline carries no annotations: it already is the timeline."""
    return Dashboard(
        uid=OVERVIEW,
        title=TITLES[OVERVIEW],
        description="Is anything wrong, where, since when, and why.",
        refresh="10s",
        links=links_from(OVERVIEW),
        variables=(services_with_all(),),
        layers=(*severity_layers(source, _ANOMALIES), from_metrics(source, _ANOMALIES)),
        panels=(
            _right_now(Place(0, 0, 4, 5)),
            open_incidents(Place(4, 0, 20, 5)),
            services_now(
                "Services now",
                "One row per service, worst first. Curves cover the selected range; numbers are the newest closed"
                " window. Click a service to open it.",
                Place(0, 5, 24, 6),
            ),
            _anomalies(Place(0, 11, 24, 4)),
            *_curves(),
            Row("Service levels", 21),
            error_budget(Place(0, 22, 12, 7)),
            burn_rate(Place(12, 22, 12, 7)),
            Row("Incidents in this range", 29),
            incidents(
                "All incidents of the selected range, newest first. The headline opens the incident, the service its"
                " curves at that time.",
                Place(0, 30, 24, 8),
                (OF_SERVICE,),
            ),
        ),
    )
