"""Annotation layers: what is drawn over the curves of a dashboard. A layer's name is a toggle on top: keep it short."""

from dataclasses import KW_ONLY, dataclass

from grafana.schema import JsonObject
from grafana.schema.colours import Colour
from grafana.schema.panels import SCRAPE_INTERVAL
from grafana.schema.queries import Datasource, Query


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer. ``not_on`` is the title of a panel that it leaves alone, ``asks`` what depends on the datasource."""

    name: str
    colour: Colour
    datasource: Datasource
    asks: JsonObject
    _: KW_ONLY
    enabled: bool = True
    not_on: str | None = None

    def json(self, panel_ids: dict[str, int]) -> JsonObject:
        """Return it as Grafana stores it.

        Raises:
            KeyError: there is no panel with the title ``not_on``.
        """
        excluded = {} if self.not_on is None else {"filter": {"exclude": True, "ids": [panel_ids[self.not_on]]}}
        return {
            "name": self.name,
            "enable": self.enabled,
            "hide": False,
            "iconColor": self.colour,
            "datasource": self.datasource.reference,
            **self.asks,
            **excluded,
        }


BUILT_IN: JsonObject = {
    "builtIn": 1,
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": Colour.TRUTH,
    "name": "Annotations & Alerts",
    "type": "dashboard",
}
"""Grafana's own layer, which it adds where it is missing."""


def from_rows(query: Query) -> JsonObject:
    """Return a layer's part for rows with time, timeEnd, title, text and tags."""
    return {"target": query.json("Anno")}


def from_series(expression: str, title: str, text: str, tag: str) -> JsonObject:
    """Return a layer's part for the times at which series of Prometheus are above 0; other samples draw nothing."""
    return {"expr": expression, "step": SCRAPE_INTERVAL, "titleFormat": title, "textFormat": text, "tagKeys": tag}
