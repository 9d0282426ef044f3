"""A whole dashboard, and its text."""

import json
from dataclasses import dataclass

from grafana.schema import JsonObject
from grafana.schema.annotations import BUILT_IN, Layer
from grafana.schema.panels import Panel, Row
from grafana.schema.texts import Text

SCHEMA_VERSION = 42
_REFRESH_CHOICES = ["5s", "10s", "30s", "1m", "5m"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A dashboard. Panels are numbered in their order; the uid is its address."""

    uid: str
    title: str
    description: str
    refresh: str
    tag: str = "observability"
    links: tuple[JsonObject, ...]
    variables: tuple[JsonObject, ...] = ()
    layers: tuple[Layer, ...] = ()
    panels: tuple[Panel | Row | Text, ...]

    def json(self) -> JsonObject:
        """Return it as Grafana stores it.

        Raises:
            KeyError: a layer leaves out a panel that is not there.
        """
        numbered = self._numbered()
        ids = {panel.title: panel_id for panel_id, panel in numbered if isinstance(panel, Panel)}
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": [self.tag],
            "schemaVersion": SCHEMA_VERSION,
            "editable": False,
            "graphTooltip": 1,
            "time": {"from": "now-3h", "to": "now"},
            "timezone": "utc",
            "weekStart": "",
            "refresh": self.refresh,
            "timepicker": {"refresh_intervals": _REFRESH_CHOICES},
            "templating": {"list": list(self.variables)},
            "annotations": {"list": [BUILT_IN, *(layer.json(ids) for layer in self.layers)]},
            "links": list(self.links),
            "panels": [panel.json(panel_id) for panel_id, panel in numbered],
        }

    def _numbered(self) -> list[tuple[int, Panel | Row | Text]]:
        numbered, next_id = [], 1
        for panel in self.panels:
            numbered.append((next_id, panel))
            next_id += 1 + (len(panel.collapsed) if isinstance(panel, Row) else 0)
        return numbered

    def text(self) -> str:
        """Return the contents of its file: sorted keys, so that a change of the program is a small change of the file.

        Raises:
            KeyError: a layer leaves out a panel that is not there.
        """
        return json.dumps(self.json(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
