"""The table of metrics keeps to the naming rules."""

from contracts.metric import Kind
from contracts.metrics import BY_NAME, METRICS


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(METRICS) > 15


def test_only_counters_end_with_total() -> None:
    assert all((metric.kind is Kind.COUNTER) == metric.name.endswith("_total") for metric in METRICS)


def test_every_metric_says_what_it_means_and_what_to_do() -> None:
    assert all(metric.meaning and metric.action and metric.unit for metric in METRICS)
