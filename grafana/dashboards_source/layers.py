"""Annotation layers of the dashboards. Layers are not deduplicated, so those of severities are disjoint."""

from enum import StrEnum

from grafana.dashboards_source.navigation import OF_SERVICE
from grafana.schema import JsonObject
from grafana.schema.annotations import Layer, from_rows, from_series
from grafana.schema.colours import Colour
from grafana.schema.queries import ColumnType, Datasource, Facts

_COLUMNS = (
    ("time", ColumnType.TIME),
    ("timeEnd", ColumnType.TIME),
    ("title", ColumnType.TEXT),
    ("text", ColumnType.TEXT),
    ("tags", ColumnType.TEXT),
    ("id", ColumnType.TEXT),
)


class AnnotationSource(StrEnum):
    """Who answers for the layers of incidents and faults; Prometheus knows times and kinds, and needs no plugin."""

    INFINITY = "infinity"
    SIMPOD = "simpod"
    PROMETHEUS = "prometheus"


def severity_layers(source: AnnotationSource, not_on: str | None = None) -> tuple[Layer, ...]:
    """Return a layer of incidents per severity; none without a plugin."""
    severities = (("Critical", Colour.CRITICAL), ("Warning", Colour.WARNING))
    return tuple(
        layer
        for name, colour in severities
        for layer in _rows(source, name, colour, {"severity": name.lower(), "kind": "incident"}, not_on=not_on)
    )


def injections(source: AnnotationSource) -> tuple[Layer, ...]:
    """Return the layer of injected faults, off at start; none without a plugin."""
    return _rows(source, "Injected", Colour.TRUTH, {"kind": "injection"}, enabled=False)


def from_metrics(source: AnnotationSource, not_on: str) -> Layer:
    """Return the layer that needs no plugin; it is on where it is the only one."""
    expression = 'max by (service, type, severity) (anomalies_active{service=~"$service"}) > 0'
    asks = from_series(expression, "{{service}}: {{type}}", "{{severity}}", "service")
    enabled = source is AnnotationSource.PROMETHEUS
    return Layer("From metrics", Colour.MEASURED, Datasource.PROMETHEUS, asks, enabled=enabled, not_on=not_on)


def processes_down(not_on: str) -> Layer:
    """Return the layer of processes that could not be scraped. Samples must be above 0: ``up == 0`` draws nothing."""
    expression = '(up{job!="prometheus"} == bool 0) > 0'
    asks = from_series(expression, "{{job}} is down", "{{instance}} could not be scraped", "job")
    return Layer("Down", Colour.CRITICAL, Datasource.PROMETHEUS, asks, not_on=not_on)


def _rows(  # noqa: PLR0913 - a layer has this many parts
    source: AnnotationSource,
    name: str,
    colour: Colour,
    asked: dict[str, str],
    *,
    enabled: bool = True,
    not_on: str | None = None,
) -> tuple[Layer, ...]:
    match source:
        case AnnotationSource.INFINITY:
            query = Facts("annotations", (OF_SERVICE, *asked.items()), _COLUMNS, "dataframe")
            datasource, asks = query.datasource, from_rows(query)
        case AnnotationSource.SIMPOD:
            datasource, asks = Datasource.SIMPOD, _simpod(asked)
        case AnnotationSource.PROMETHEUS:
            return ()
    return (Layer(name, colour, datasource, asks, enabled=enabled, not_on=not_on),)


def _simpod(asked: dict[str, str]) -> JsonObject:
    """Return what simPod posts to ``/query``. In builder mode it puts variables into the payload's values.

    Source: src/DataSource.ts of github.com/simPod/GrafanaJsonDatasource, processPayload.
    """
    payload = {"service": "$service", **asked}
    return {"target": {"refId": "Anno", "target": "annotations", "editorMode": "builder", "payload": payload}}
