"""Metric families of the declared metrics, for collectors that know their values at the time of the scrape."""

from collections.abc import Mapping

from prometheus_client.core import GaugeMetricFamily, UntypedMetricFamily

from contracts.metric import Kind, Metric


def gauge_family(metric: Metric) -> GaugeMetricFamily | UntypedMetricFamily:
    """Return an empty family of a metric that goes up and down."""
    family = UntypedMetricFamily if metric.kind is Kind.UNTYPED else GaugeMetricFamily
    return family(metric.name, metric.meaning, labels=metric.labels)


def gauge(metric: Metric, values: Mapping[tuple[str, ...], float | None]) -> GaugeMetricFamily | UntypedMetricFamily:
    """Return a family with its values by their labels; one that is None is not known, and absent."""
    family = gauge_family(metric)
    for labels, value in values.items():
        if value is not None:
            family.add_metric(labels, value)
    return family
