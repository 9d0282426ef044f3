"""What a PromQL expression names, found without a parser: enough for expressions that promtool accepts."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_RANGE = re.compile(r"\[[^\]]*\]")
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
_NAME = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)\s*(\{[^}]*\})?(?!\s*\(|[A-Za-z0-9_:])")
_RATED = re.compile(r"\b(?:rate|increase)\s*\(\s*([A-Za-z_:][A-Za-z0-9_:]*)")
_KEYWORDS = {"and", "or", "unless", "bool"}


class Selector(NamedTuple):
    """A metric and the labels by which its series are chosen."""

    metric: str
    labels: frozenset[str]


def _plain(expression: str) -> str:
    return _RANGE.sub("", _TEXT.sub('""', expression))


def selectors(expression: str) -> Iterator[Selector]:
    """Yield every selector of an expression."""
    for name, matchers in _NAME.findall(_GROUPING.sub("", _plain(expression))):
        if name not in _KEYWORDS:
            yield Selector(name, frozenset(re.findall(r"(\w+)\s*[=!]", matchers)))


def grouped_by(expression: str) -> set[str]:
    """Return the labels by which an expression groups or joins."""
    listed = ",".join(_GROUPING.findall(_plain(expression)))
    return {name.strip() for name in listed.split(",") if name.strip()}


def rated(expression: str) -> set[str]:
    """Return the metrics whose rate or increase is taken."""
    return set(_RATED.findall(_plain(expression)))
