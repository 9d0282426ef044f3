"""The curves of one service: what is measured, what is usual and what was promised."""

from grafana.dashboards_source.curves import area, band, limit, strong, thin
from grafana.schema.colours import Colour
from grafana.schema.fields import Field
from grafana.schema.graphs import Heatmap, TimeSeries
from grafana.schema.panels import Place
from grafana.schema.queries import PromQL

_BUCKETS = r"0\\.(00[4-9]|0[1-9]|[1-9]).*|[1-8]|[1-8]\\..*|[+]Inf"
"""Bounds of latency buckets from 4 ms to 8 s."""


def _lower(metric: str, *matchers: str) -> str:
    """Return the lower edge of a band; where only a limit above is known the band begins at 0, or nothing is drawn."""
    lower, upper = (_of(metric, *matchers, f'bound="{edge}"') for edge in ("lower", "upper"))
    return f"{lower} or 0 * {upper}"


def _of(metric: str, *matchers: str) -> str:
    chosen = ",".join(('service="$service"', *matchers))
    return f"max({metric}{{{chosen}}})"


def requests(place: Place) -> TimeSeries:
    """Return the curve of the traffic in its band."""
    rate = "service_expected_request_rate"
    return TimeSeries(
        "Requests per second · $service",
        "Requests per second per window, and the band the detector expects at this time. Below the band is a traffic"
        " drop, above it a surge.",
        place,
        queries=(
            PromQL(_of("service_window_request_rate"), "measured"),
            PromQL(_of(rate, 'bound="upper"'), "expected"),
            PromQL(_lower(rate), "expected, low"),
        ),
        shown=Field(unit="reqps"),
        overrides=(strong("measured"), *band("expected", "expected, low")),
    )


def errors(place: Place) -> TimeSeries:
    """Return the curve of failed requests with the objective."""
    return TimeSeries(
        "Error ratio · $service",
        "Share of requests with status 500 or above. The line is the objective: staying above it spends the error"
        " budget too fast.",
        place,
        queries=(
            PromQL(_of("service_window_error_ratio"), "measured"),
            PromQL(_of("service_expected_error_ratio", 'bound="upper"'), "expected at most"),
            PromQL(f"1 - {_of('slo_objective_ratio')}", "objective"),
        ),
        shown=Field(unit="percentunit", soft_most=0.02),
        overrides=(strong("measured"), limit("objective"), area("expected at most")),
    )


def latency(place: Place) -> TimeSeries:
    """Return the percentiles with the band and the limit for p95."""
    p95 = 'quantile="0.95"'
    expected = "service_expected_latency_seconds"
    return TimeSeries(
        "Latency · $service",
        "p50, p95 and p99 per window, the band expected for p95, and the limit promised for p95.",
        place,
        queries=(
            PromQL('max by (quantile) (service_window_latency_seconds{service="$service"})', "p{{quantile}}"),
            PromQL(_of(expected, p95, 'bound="upper"'), "expected p95"),
            PromQL(_lower(expected, p95), "expected p95, low"),
            PromQL(_of("service_sla_latency_seconds", p95), "SLA for p95"),
        ),
        shown=Field(unit="s"),
        overrides=(
            thin("p0.5", Colour.MEASURED_LIGHT, "p50"),
            strong("p0.95", shown_as="p95"),
            thin("p0.99", Colour.MEASURED_DARK, "p99"),
            limit("SLA for p95"),
            *band("expected p95", "expected p95, low"),
        ),
    )


def latency_distribution(place: Place) -> Heatmap:
    """Return the requests per latency bucket."""
    matchers = f'service="$service",endpoint=~"$endpoint",le=~"{_BUCKETS}"'
    rate = f"rate(service_request_latency_seconds_bucket{{{matchers}}}[$__rate_interval])"
    return Heatmap(
        "Latency distribution · $service",
        "Where the requests are, not only their percentiles: two bands mean two kinds of requests. Follows the endpoint"
        " variable.",
        place,
        queries=(PromQL(f"sum by (le) ({rate})", "{{le}}", shape="heatmap"),),
        shown=Field(empty="No requests in this range"),
        axis_unit="s",
        cell_unit="reqps",
    )
