"""Variables: the drop-downs on top of a dashboard."""

from collections.abc import Sequence
from enum import IntEnum

from grafana.schema import JsonObject
from grafana.schema.queries import Datasource, Facts

_ON_TIME_RANGE = 2
_LABEL_VALUES = 1
_ALL: JsonObject = {"text": ["All"], "value": ["$__all"]}


class Sort(IntEnum):
    """Order of the choices."""

    AS_ANSWERED = 0
    ALPHABETICAL = 1


def _variable(name: str, description: str, kind: str, *, several: bool, everything: bool) -> JsonObject:
    """Return what variables share. Without All, the first choice is the default."""
    return {
        "name": name,
        "label": name.capitalize(),
        "description": description,
        "type": kind,
        "multi": several,
        "includeAll": everything,
        "allValue": ".*" if everything else None,
        "current": _ALL if everything else {},
        "options": [],
    }


def label_values(name: str, description: str, selector: str, *, everything: bool) -> JsonObject:
    """Return a multi-value variable over the values of the label ``name`` among the series of a selector."""
    query = f"label_values({selector}, {name})"
    return {
        **_variable(name, description, "query", several=True, everything=everything),
        "datasource": Datasource.PROMETHEUS.reference,
        "definition": query,
        "query": {"qryType": _LABEL_VALUES, "query": query, "refId": "v"},
        "refresh": _ON_TIME_RANGE,
        "regex": "",
        "sort": Sort.ALPHABETICAL,
    }


def custom(name: str, description: str, choices: Sequence[str]) -> JsonObject:
    """Return a multi-value variable with choices that never change, and All."""
    return {**_variable(name, description, "custom", several=True, everything=True), "query": ",".join(choices)}


def choice_of(name: str, description: str, facts: Facts) -> JsonObject:
    """Return a single-value variable over rows with ``__text`` and ``__value``, in their order."""
    query = {"queryType": "infinity", "query": "", "refId": "variable", "infinityQuery": facts.json("variable")}
    return {
        **_variable(name, description, "query", several=False, everything=False),
        "datasource": Datasource.INFINITY.reference,
        "definition": f"/api/v1/{facts.path}",
        "query": query,
        "refresh": _ON_TIME_RANGE,
        "regex": "",
        "sort": Sort.AS_ANSWERED,
    }
