"""Metric families of the declared metrics, for collectors that know their values at the time of the scrape."""

from prometheus_client.core import GaugeMetricFamily, UntypedMetricFamily

from contracts.metrics import Kind, Metric


def gauge_family(metric: Metric) -> GaugeMetricFamily | UntypedMetricFamily:
    """Return an empty family of a metric that goes up and down."""
    family = UntypedMetricFamily if metric.kind is Kind.UNTYPED else GaugeMetricFamily
    return family(metric.name, metric.meaning, labels=metric.labels)
