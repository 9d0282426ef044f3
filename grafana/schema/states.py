"""Panels that say a state: a number, or a lane of states over time."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from grafana.schema import JsonObject
from grafana.schema.colours import Colour, fixed
from grafana.schema.fields import Field
from grafana.schema.panels import SCRAPE_INTERVAL, Panel
from grafana.schema.queries import Datasource, Query


def _between_scrapes(queries: tuple[Query, ...]) -> JsonObject:
    """Return the interval of scrapes; facts have their own times."""
    sampled = all(query.datasource is Datasource.PROMETHEUS for query in queries)
    return {"interval": SCRAPE_INTERVAL} if sampled else {}


@dataclass(frozen=True)
class Stat(Panel):
    """Numbers. ``tiles`` fills their area with the colour; ``fields`` chooses which fields of the answer count."""

    _: KW_ONLY
    tiles: bool = False
    names: bool = False
    title_size: int | None = None
    value_size: int
    justify: str = "center"
    fields: str = ""

    kind: ClassVar[str] = "stat"
    usual: ClassVar[Field] = Field(empty="No data")

    def options(self) -> JsonObject:
        """Return the last value as text, without a graph."""
        sizes = {} if self.title_size is None else {"titleSize": self.title_size}
        return {
            "colorMode": "background_solid" if self.tiles else "value",
            "graphMode": "none",
            "orientation": "horizontal" if self.names else "auto",
            "textMode": "value_and_name" if self.names else "value",
            "justifyMode": self.justify,
            "text": {**sizes, "valueSize": self.value_size},
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": self.fields, "values": False},
        }

    def sampling(self) -> JsonObject:
        """Return the interval of scrapes."""
        return _between_scrapes(self.asked())


@dataclass(frozen=True)
class StateTimeline(Panel):
    """Lanes of states over time. Its fixed colour lets those of the mappings win, which thresholds would not."""

    _: KW_ONLY
    values_shown: bool = False
    row_height: float = 0.7

    kind: ClassVar[str] = "state-timeline"
    usual: ClassVar[Field] = Field(colour=fixed(Colour.TRUTH), line_width=0, fill=85)

    def options(self) -> JsonObject:
        """Return lanes without a legend and without a pager, which would cost a third of the height."""
        return {
            "mergeValues": not self.values_shown,
            "showValue": "auto" if self.values_shown else "never",
            "alignValue": "left",
            "rowHeight": self.row_height,
            "legend": {"showLegend": False},
            "tooltip": {"mode": "single"},
            "perPage": 0,
        }

    def sampling(self) -> JsonObject:
        """Return the interval of scrapes."""
        return _between_scrapes(self.asked())
