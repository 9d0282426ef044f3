"""Panels with axes: time series, heatmap and trend."""

from dataclasses import KW_ONLY, dataclass, replace
from typing import ClassVar

from grafana.schema import JsonObject
from grafana.schema.colours import BY_NAME
from grafana.schema.fields import UNSTACKED, Field
from grafana.schema.panels import LIST_BELOW, SCRAPE_INTERVAL, Panel

_LONGEST_GAP_MS = 60_000
"""Longer gaps are drawn as gaps."""


def legend_table(*calculations: str) -> JsonObject:
    """Return a legend on the right with these calculations per curve."""
    return {"showLegend": True, "displayMode": "table", "placement": "right", "calcs": list(calculations)}


@dataclass(frozen=True)
class TimeSeries(Panel):
    """Curves over time. The axis begins at 0, and goes ``below_zero`` where that is asked and values do."""

    _: KW_ONLY
    legend: JsonObject | None = None
    below_zero: bool = False

    kind: ClassVar[str] = "timeseries"
    usual: ClassVar[Field] = Field(
        empty="No data in this range",
        colour=BY_NAME,
        least=0,
        line_width=2,
        fill=0,
        points="never",
        stacking=UNSTACKED,
        threshold_lines={"mode": "off"},
    )
    custom: ClassVar[JsonObject] = {
        "drawStyle": "line",
        "spanNulls": _LONGEST_GAP_MS,
        "lineInterpolation": "linear",
        "gradientMode": "none",
        "axisBorderShow": False,
    }

    def defaults(self) -> JsonObject:
        """Return curves whose axis begins at 0."""
        usual = replace(self.usual, least=None, soft_least=0) if self.below_zero else self.usual
        return self.shown.over(usual).as_defaults(self.custom)

    def options(self) -> JsonObject:
        """Return a legend, and a tooltip with all curves."""
        return {"legend": self.legend or LIST_BELOW, "tooltip": {"mode": "multi", "sort": "desc"}}

    def sampling(self) -> JsonObject:
        """Return the interval of scrapes: there is nothing between."""
        return {"interval": SCRAPE_INTERVAL}


@dataclass(frozen=True)
class Heatmap(Panel):
    """Requests per latency bucket over time, from a histogram of Prometheus.

    Bucket values are never filtered: Grafana subtracts them by position. Limits of the axis do nothing here; the query
    chooses the buckets.
    """

    _: KW_ONLY
    axis_unit: str
    cell_unit: str

    kind: ClassVar[str] = "heatmap"
    custom: ClassVar[JsonObject] = {"scaleDistribution": {"type": "linear"}}

    def options(self) -> JsonObject:
        """Return a blue scale on which few requests stay visible."""
        scheme = {"mode": "scheme", "scheme": "Blues", "steps": 64, "reverse": False}
        return {
            "calculate": False,
            "cellGap": 0,
            "color": {**scheme, "scale": "exponential", "exponent": 0.4},
            "yAxis": {"unit": self.axis_unit, "decimals": 0, "axisPlacement": "left"},
            "cellValues": {"unit": self.cell_unit, "decimals": 1},
            "filterValues": {"le": 0.001},
            "legend": {"show": False},
            "tooltip": {"mode": "single", "yHistogram": True},
            "rowsFrame": {"layout": "auto"},
            "showValue": "never",
        }

    def sampling(self) -> JsonObject:
        """Return cells that are wide enough to be seen."""
        return {"interval": "30s", "maxDataPoints": 240}


@dataclass(frozen=True)
class Trend(Panel):
    """Curves over a number instead of time. It has no least value: that would cut the x axis too."""

    _: KW_ONLY
    x_column: str

    kind: ClassVar[str] = "trend"
    usual: ClassVar[Field] = Field(line_width=2, fill=0, points="never")
    custom: ClassVar[JsonObject] = {"drawStyle": "line", "pointSize": 5}

    def options(self) -> JsonObject:
        """Return the x axis, a legend, and a tooltip with all curves."""
        return {"xField": self.x_column, "legend": LIST_BELOW, "tooltip": {"mode": "multi", "sort": "none"}}
