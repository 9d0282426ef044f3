"""Queries: numbers from Prometheus, sentences and facts from the exporters through Infinity."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from grafana.schema import JsonObject

Parameter = tuple[str, str]


class Datasource(StrEnum):
    """The plugins that are asked; datasources are named by uid, never by name."""

    PROMETHEUS = "prometheus"
    INFINITY = "yesoreyeram-infinity-datasource"
    SIMPOD = "simpod-json-datasource"

    @property
    def reference(self) -> JsonObject:
        """How dashboards refer to it."""
        return {"type": self.value, "uid": _UIDS[self]}


_UIDS = {
    Datasource.PROMETHEUS: "obs-prometheus",
    Datasource.INFINITY: "obs-infinity",
    Datasource.SIMPOD: "obs-simpod",
}


class Query(Protocol):
    """What a panel asks."""

    @property
    def datasource(self) -> Datasource:
        """Whom it asks."""
        ...

    def json(self, ref_id: str) -> JsonObject:
        """Return it as Grafana stores it, under the letter that transformations know it by."""
        ...


@dataclass(frozen=True, slots=True)
class PromQL:
    """An expression over the range or, ``instant``, at its end; ``shape`` is Grafana's format of the answer."""

    expression: str
    legend: str = "__auto"
    instant: bool = False
    shape: str = "time_series"

    @property
    def datasource(self) -> Datasource:
        """Prometheus."""
        return Datasource.PROMETHEUS

    def json(self, ref_id: str) -> JsonObject:
        """Return it as Grafana stores it."""
        return {
            "refId": ref_id,
            "datasource": self.datasource.reference,
            "editorMode": "code",
            "expr": self.expression,
            "range": not self.instant,
            "instant": self.instant,
            **({} if self.shape == "table" else {"legendFormat": self.legend}),
            **({} if self.shape == "time_series" else {"format": self.shape}),
        }


def at_end(expression: str, legend: str) -> PromQL:
    """Return a query for one number."""
    return PromQL(expression, legend, instant=True)


def rows_at_end(expression: str) -> PromQL:
    """Return a query for one row per series."""
    return PromQL(expression, instant=True, shape="table")


class ColumnType(StrEnum):
    """How Infinity reads a key of a row."""

    TIME = "timestamp_epoch"
    NUMBER = "number"
    TEXT = "string"


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows of the exporters' JSON API; the range is always sent along. Columns arrive in alphabetical order."""

    path: str
    parameters: tuple[Parameter, ...]
    columns: tuple[tuple[str, ColumnType], ...]
    shape: str = "table"

    @property
    def datasource(self) -> Datasource:
        """Infinity."""
        return Datasource.INFINITY

    def json(self, ref_id: str) -> JsonObject:
        """Return it as Grafana stores it."""
        parameters = (("from", "${__timeFrom}"), ("to", "${__timeTo}"), *self.parameters)
        return {
            "refId": ref_id,
            "datasource": self.datasource.reference,
            "type": "json",
            "source": "url",
            "parser": "backend",
            "format": self.shape,
            "url": f"/api/v1/{self.path}",
            "root_selector": "",
            "url_options": {"method": "GET", "params": [{"key": key, "value": value} for key, value in parameters]},
            "columns": [{"selector": key, "text": key, "type": kind} for key, kind in self.columns],
        }
