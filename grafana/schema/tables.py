"""Tables: of numbers from Prometheus, and of facts whose columns are the keys of the JSON API's rows."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from grafana.schema import JsonObject
from grafana.schema.fields import Field, Override, matching, named
from grafana.schema.panels import Panel
from grafana.schema.queries import ColumnType, Facts, Parameter, Query
from grafana.schema.transformations import organize

PILL: JsonObject = {"type": "pill"}
"""A coloured chip; needs a column of texts."""
COLOURED_TEXT: JsonObject = {"type": "color-text"}
COLOURED_BACKGROUND: JsonObject = {"type": "color-background", "mode": "basic"}
MARKDOWN: JsonObject = {"type": "markdown", "dynamicHeight": True}
SPARKLINE: JsonObject = {
    "type": "sparkline",
    "hideValue": False,
    "lineWidth": 1.5,
    "fillOpacity": 12,
    "gradientMode": "none",
    "lineInterpolation": "linear",
}


def gauge(value: str) -> JsonObject:
    """Return a bar beside its value, which is written as ``text`` or in the bar's ``color``."""
    return {"type": "gauge", "mode": "basic", "valueDisplayMode": value}


@dataclass(frozen=True)
class Table(Panel):
    """Rows and columns. ``sort`` names a column as it is shown, and whether it falls."""

    _: KW_ONLY
    empty: str
    wrap: bool = False
    sort: tuple[str, bool] | None = None
    header: bool = True

    kind: ClassVar[str] = "table"

    def options(self) -> JsonObject:
        """Return small cells."""
        sort = [] if self.sort is None else [{"displayName": self.sort[0], "desc": self.sort[1]}]
        return {"showHeader": self.header, "cellHeight": "sm", "sortBy": sort}

    def defaults(self) -> JsonObject:
        """Return plain cells, and what an empty table says."""
        cell = {"type": "auto", "wrapText": self.wrap}
        custom: JsonObject = {"align": "auto", "cellOptions": cell, "inspect": False, "filterable": False}
        return self.shown.over(Field(empty=self.empty)).as_defaults(custom)

    def exceptions(self) -> tuple[Override, ...]:
        """Return its overrides after one that tells an empty cell from an empty table, which is why it comes first."""
        return (matching("/.*/", Field(empty="–")), *self.overrides)


@dataclass(frozen=True, slots=True)
class Column:
    """A key of the rows. Without ``shown`` the column is hidden: data links use it."""

    key: str
    type: ColumnType
    shown: Field | None = None


@dataclass(frozen=True)
class FactTable(Table):
    """Rows of the JSON API, with the columns in this order."""

    _: KW_ONLY
    path: str
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[Column, ...]

    def asked(self) -> tuple[Query, ...]:
        """Return the one query for all columns."""
        return (Facts(self.path, self.parameters, tuple((column.key, column.type) for column in self.columns)),)

    def exceptions(self) -> tuple[Override, ...]:
        """Return how each column is shown; columns are hidden before others are renamed."""
        hidden = [column.key for column in self.columns if column.shown is None]
        hiding = [matching(f"/^({'|'.join(hidden)})$/", Field(hidden=True))] if hidden else []
        shown = [named(column.key, column.shown) for column in self.columns if column.shown is not None]
        return (*super().exceptions(), *hiding, *shown)

    def arranged(self) -> tuple[JsonObject, ...]:
        """Return the order of the columns that are shown; a single one needs none."""
        order = [column.key for column in self.columns if column.shown is not None]
        return (organize(order),) if len(order) > 1 else ()
