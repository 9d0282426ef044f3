"""Every metric that a rule or a runbook names exists, with the labels that it is selected by."""

import re
from collections.abc import Iterator

import pytest

from contracts.metric import Kind
from contracts.metrics import BY_NAME, METRICS
from tests.fast.prometheus.shipped_rules import PROMETHEUS, RUNBOOKS, Rule, alerts, records

TARGET_LABELS = {"job", "instance"}
OPERATORS = {"and", "or", "unless", "bool", "offset"}
_STRING = re.compile(r'"[^"]*"|\'[^\']*\'')
_GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"(?<![\w.:$])([a-zA-Z_:][\w:]*)(?!\w)\s*(\()?")
_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")


def known() -> dict[str, set[str] | None]:
    """Names with the labels that they may be selected by; None: any."""
    names: dict[str, set[str] | None] = {"up": TARGET_LABELS, "ALERTS": None}
    names |= {rule.name: None for rule in records()}
    for metric in METRICS:
        labels = TARGET_LABELS | set(metric.labels)
        if metric.kind is Kind.HISTOGRAM:
            names |= {f"{metric.name}_{part}": labels | {"le"} for part in ("bucket", "sum", "count")}
        else:
            names[metric.name] = labels
    return names


def named(expression: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]", " ", _GROUPING.sub(" ", _STRING.sub(" ", expression)))
    return {name for name, is_function in _NAME.findall(bare) if not is_function} - OPERATORS


def selected(expression: str) -> Iterator[tuple[str, str]]:
    for name, matchers in _SELECTOR.findall(expression):
        yield from ((name, label) for label in re.findall(r"(\w+)\s*[=!]", _STRING.sub("", matchers)))


def asked(rule: Rule) -> list[str]:
    queries = re.findall(r'query "([^"]*)"', " ".join(rule.fields.values()))
    return [rule.fields["expr"], *queries]


def in_runbooks() -> list[tuple[str, str]]:
    blocks = re.compile(r"```promql\n(.*?)```", re.DOTALL)
    pages = sorted(RUNBOOKS.glob("*.md"))
    return [
        (page.stem, line) for page in pages for block in blocks.findall(page.read_text()) for line in block.split("\n")
    ]


QUERIES = [(rule.name, query) for rule in (*records(), *alerts()) for query in asked(rule)] + in_runbooks()


@pytest.mark.parametrize(("where", "query"), QUERIES)
def test_every_metric_exists(where: str, query: str) -> None:
    assert named(query) <= set(known()), where


@pytest.mark.parametrize(("where", "query"), QUERIES)
def test_every_label_is_one_of_its_metric(where: str, query: str) -> None:
    strange = [(name, label) for name, label in selected(query) if label not in (known().get(name) or {label})]
    assert strange == [], where


def test_names_are_found_in_an_expression() -> None:
    query = 'max by (a, b) (rate(c_total{d="e f"}[5m] offset 1h)) > on (g) group_left () h:i:j and k_bucket or 2 * up'
    assert named(query) == {"c_total", "h:i:j", "k_bucket", "up"}
    assert list(selected(query)) == [("c_total", "d")]
    assert named("sum(nothing_total) > 14.4 unless 1e3 * nobody") == {"nothing_total", "nobody"}


def test_the_rules_ask_for_metrics_of_the_platform() -> None:
    asked_for = {name for _, query in QUERIES for name in named(query)}
    assert len(asked_for & set(BY_NAME)) > 25


def test_metrics_with_a_label_of_the_target_keep_it() -> None:
    assert any(TARGET_LABELS & set(metric.labels) for metric in METRICS)
    assert "\n    honor_labels: true\n" in (PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8")
