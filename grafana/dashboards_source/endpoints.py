"""The table of a service's endpoints."""

from grafana.schema.colours import Colour, fixed
from grafana.schema.fields import Field, named
from grafana.schema.panels import Place
from grafana.schema.queries import PromQL, rows_at_end
from grafana.schema.tables import SPARKLINE, Table, gauge
from grafana.schema.transformations import MERGE, curves_in_cells, organize

_CHOSEN = '{service=~"$service",endpoint=~"$endpoint"}'
_FAILED = "Failed in range"
_NAMES = {
    "service": "Service",
    "endpoint": "Endpoint",
    "Trend #A": "Requests",
    "Trend #B": "Error ratio",
    "Trend #C": "Latency p95",
    "Value #D": _FAILED,
    "Value": _FAILED,
}
"""The one instant query's column is called Value where the curves are missing."""


def _rate(metric: str, by: str = "service, endpoint") -> str:
    return f"sum by ({by}) (rate({metric}{_CHOSEN}[$__rate_interval]))"


_REQUESTS = _rate("service_requests_total")
_BUCKETS = _rate("service_request_latency_seconds_bucket", "service, endpoint, le")
_CURVE = Field(cell=SPARKLINE, colour=fixed(Colour.MEASURED))
_FAILURES = Field(width=150, unit="short", decimals=0, cell=gauge("text"), least=0, colour=fixed(Colour.MEASURED))


def endpoints(place: Place) -> Table:
    """Return the table, with the most failed requests first."""
    return Table(
        "Endpoints",
        "Every endpoint of the chosen services. The one with the most failed requests comes first.",
        place,
        queries=(
            PromQL(_REQUESTS),
            PromQL(f"{_rate('service_errors_total')} / {_REQUESTS}"),
            PromQL(f"histogram_quantile(0.95, {_BUCKETS})"),
            rows_at_end(f"sum by (service, endpoint) (increase(service_errors_total{_CHOSEN}[$__range]))"),
        ),
        overrides=(
            named("Service", Field(width=130)),
            named("Endpoint", Field(width=220)),
            named(_FAILED, _FAILURES),
            named("Requests", Field(unit="reqps", decimals=1).over(_CURVE)),
            named("Error ratio", Field(unit="percentunit", decimals=2).over(_CURVE)),
            named("Latency p95", Field(unit="s", decimals=0).over(_CURVE)),
        ),
        transformations=(curves_in_cells("ABC"), MERGE, organize(tuple(_NAMES), ("Time",), _NAMES)),
        sort=(_FAILED, True),
        empty="No endpoint matches",
    )
