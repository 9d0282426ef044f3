"""Panels of text, which ask nobody."""

from dataclasses import dataclass

from grafana.schema import JsonObject
from grafana.schema.panels import Place


@dataclass(frozen=True, slots=True)
class Text:
    """A page of Markdown without a frame. Grafana removes what could run, and leaves unknown ``$variables`` alone."""

    markdown: str
    place: Place

    def json(self, panel_id: int) -> JsonObject:
        """Return it as Grafana stores it."""
        return {
            "id": panel_id,
            "type": "text",
            "title": "",
            "transparent": True,
            "gridPos": self.place.json(),
            "options": {"mode": "markdown", "content": self.markdown},
        }
