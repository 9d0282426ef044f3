"""Panels in general: where one stands, what it asks and how the answer is shown."""

from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass
from string import ascii_uppercase
from typing import ClassVar

from grafana.schema import JsonObject
from grafana.schema.fields import Field, Override
from grafana.schema.queries import Query

SCRAPE_INTERVAL = "15s"
AS_USUAL = Field()
LIST_BELOW: JsonObject = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel stands: column, row, width and height in cells of a grid of 24 columns."""

    x: int
    y: int
    w: int
    h: int

    def json(self) -> JsonObject:
        """Return it as Grafana stores it."""
        return {"x": self.x, "y": self.y, "w": self.w, "h": self.h}


@dataclass(frozen=True)
class Panel(ABC):
    """A panel of some kind. ``shown`` holds the defaults of its fields, ``overrides`` the exceptions."""

    title: str
    description: str
    place: Place
    _: KW_ONLY
    queries: tuple[Query, ...] = ()
    shown: Field = AS_USUAL
    overrides: tuple[Override, ...] = ()
    transformations: tuple[JsonObject, ...] = ()

    kind: ClassVar[str]
    usual: ClassVar[Field] = AS_USUAL
    """What ``shown`` need not repeat."""
    custom: ClassVar[JsonObject] = {}
    """Options of the kind that no panel changes."""

    @abstractmethod
    def options(self) -> JsonObject:
        """Return the options of the kind."""

    def sampling(self) -> JsonObject:
        """Return how finely the panel asks for values over time."""
        return {}

    def asked(self) -> tuple[Query, ...]:
        """Return its queries."""
        return self.queries

    def defaults(self) -> JsonObject:
        """Return how its fields are shown where no override says otherwise."""
        return self.shown.over(self.usual).as_defaults(self.custom)

    def exceptions(self) -> tuple[Override, ...]:
        """Return its overrides."""
        return self.overrides

    def arranged(self) -> tuple[JsonObject, ...]:
        """Return its transformations."""
        return self.transformations

    def json(self, panel_id: int) -> JsonObject:
        """Return it as Grafana stores it."""
        asked = self.asked()
        return {
            "id": panel_id,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "gridPos": self.place.json(),
            "datasource": asked[0].datasource.reference,
            "targets": [query.json(letter) for letter, query in zip(ascii_uppercase, asked, strict=False)],
            "fieldConfig": {
                "defaults": self.defaults(),
                "overrides": [override.json() for override in self.exceptions()],
            },
            "options": self.options(),
            "transformations": list(self.arranged()),
            **self.sampling(),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A headline over the panels below it; a collapsed one holds them, and ``repeat`` draws one per value."""

    title: str
    y: int
    _: KW_ONLY
    repeat: str | None = None
    collapsed: tuple[Panel, ...] = ()

    def json(self, row_id: int) -> JsonObject:
        """Return it as Grafana stores it; the ids of its panels follow its own."""
        return {
            "id": row_id,
            "type": "row",
            "title": self.title,
            "gridPos": Place(0, self.y, 24, 1).json(),
            "collapsed": bool(self.collapsed),
            "panels": [panel.json(panel_id) for panel_id, panel in enumerate(self.collapsed, row_id + 1)],
            **({} if self.repeat is None else {"repeat": self.repeat}),
        }
