"""Every Prometheus query names metrics that are declared, by labels that they have."""

import re

import pytest

from contracts.metric import Kind
from contracts.metrics import BY_NAME
from grafana.build import FOLDER
from tests.fast.grafana.committed import BOARDS, UIDS, dictionaries
from tests.fast.grafana.promql import Selector, grouped_by, rated, selectors

REPOSITORY = FOLDER.parents[1]
RULES = {
    "service:health_level:max": {"service"},
    "service:slo_burn_rate:rate1h": {"service"},
    "pipeline:consumer_lag_limit:records": {"topic"},
}
"""Recording rules that dashboards read, with their labels."""
OF_PROMETHEUS = {
    "up": {"job", "instance"},
    "ALERTS": {"alertstate", "severity", "alertname", "about", "service", "job"},
}
"""What Prometheus itself knows; ``about`` is joined from two other labels in the query."""

EXPRESSIONS = sorted({each["expr"] for uid in UIDS for each in dictionaries(BOARDS[uid]) if "expr" in each})
SERIES = sorted(
    {
        match.groups()
        for uid in UIDS
        for each in BOARDS[uid]["templating"]["list"]
        if (match := re.fullmatch(r"label_values\((.*), (\w+)\)", each.get("definition", "")))
    }
)


def labels_of(name: str) -> set[str] | None:
    """Return the labels of a metric by the name of one of its series, None when there is no such metric."""
    if name in RULES or name in OF_PROMETHEUS:
        return {**RULES, **OF_PROMETHEUS}[name]
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    if base in BY_NAME and BY_NAME[base].kind is Kind.HISTOGRAM:
        return {*BY_NAME[base].labels, *(("le",) if name.endswith("_bucket") else ())} if base != name else None
    return set(BY_NAME[name].labels) if name in BY_NAME else None


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_names_metrics_that_exist(expression: str) -> None:
    found = list(selectors(expression))
    assert found
    known: set[str] = set()
    for metric, chosen in found:
        labels = labels_of(metric)
        assert labels is not None, metric
        assert chosen <= labels, metric
        known |= labels
    assert grouped_by(expression) <= known


def is_counted(name: str) -> bool:
    """Return whether a series only goes up: a counter's, or one of a histogram's."""
    if name in BY_NAME:
        return BY_NAME[name].kind is Kind.COUNTER
    return name not in RULES and name not in OF_PROMETHEUS


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_rates_are_of_counters_and_counters_are_only_rated(expression: str) -> None:
    assert rated(expression) == {metric for metric, _ in selectors(expression) if is_counted(metric)}


@pytest.mark.parametrize(("selector", "label"), SERIES)
def test_a_variable_lists_a_label_that_its_metric_has(selector: str, label: str) -> None:
    ((metric, chosen),) = selectors(selector)
    assert {label, *chosen} <= set(BY_NAME[metric].labels)


def test_the_recording_rules_are_those_of_prometheus() -> None:
    rules = (REPOSITORY / "prometheus" / "rules" / "recording.yml").read_text(encoding="utf-8")
    assert set(RULES) <= set(re.findall(r"^\s*- record: (\S+)$", rules, re.MULTILINE))


def test_there_are_queries_to_look_at() -> None:
    assert len(EXPRESSIONS) > 50
    assert len(SERIES) == 2


def test_selectors_are_found() -> None:
    expression = 'sum by (a, b) (rate(x_total{c="}",d!~"e"}[5m])) / on (a) max(y:z:rate1h) > 0 and on () (f < 300)'
    assert list(selectors(expression)) == [
        Selector("x_total", frozenset({"c", "d"})),
        Selector("y:z:rate1h", frozenset()),
        Selector("f", frozenset()),
    ]
    assert grouped_by(expression) == {"a", "b"}
    assert rated(expression) == {"x_total"}
