"""How a field (a curve, a column, a single number) is shown: by default in a panel, or where its name matches."""

from dataclasses import dataclass, field, fields, replace

from grafana.schema import JsonObject
from grafana.schema.colours import ColourMode
from grafana.schema.scales import Thresholds, ValueMappings

OFF_LEGEND: JsonObject = {"legend": True, "tooltip": False, "viz": False}
DASHED: JsonObject = {"fill": "dash", "dash": [8, 6]}
STACKED: JsonObject = {"mode": "normal", "group": "A"}
UNSTACKED: JsonObject = {"mode": "none", "group": "A"}
DRAWN_AREA: JsonObject = {"mode": "area"}
DRAWN_DASHED: JsonObject = {"mode": "dashed"}


def _is(option: str) -> JsonObject:
    return {"option": option}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How fields are shown; what is None is left to the panel's defaults, then to Grafana."""

    name: str | None = field(default=None, metadata=_is("displayName"))
    empty: str | None = field(default=None, metadata=_is("noValue"))
    unit: str | None = field(default=None, metadata=_is("unit"))
    decimals: int | None = field(default=None, metadata=_is("decimals"))
    least: float | None = field(default=None, metadata=_is("min"))
    most: float | None = field(default=None, metadata=_is("max"))
    colour: ColourMode | None = field(default=None, metadata=_is("color"))
    thresholds: Thresholds | None = field(default=None, metadata=_is("thresholds"))
    mappings: ValueMappings | None = field(default=None, metadata=_is("mappings"))
    links: list[JsonObject] | None = field(default=None, metadata=_is("links"))

    width: int | None = field(default=None, metadata=_is("custom.width"))
    least_width: int | None = field(default=None, metadata=_is("custom.minWidth"))
    align: str | None = field(default=None, metadata=_is("custom.align"))
    cell: JsonObject | None = field(default=None, metadata=_is("custom.cellOptions"))
    inspect: bool | None = field(default=None, metadata=_is("custom.inspect"))
    hidden: bool | None = field(default=None, metadata=_is("custom.hideFrom.viz"))

    line_width: int | None = field(default=None, metadata=_is("custom.lineWidth"))
    line_style: JsonObject | None = field(default=None, metadata=_is("custom.lineStyle"))
    fill: int | None = field(default=None, metadata=_is("custom.fillOpacity"))
    fill_down_to: str | None = field(default=None, metadata=_is("custom.fillBelowTo"))
    stacking: JsonObject | None = field(default=None, metadata=_is("custom.stacking"))
    points: str | None = field(default=None, metadata=_is("custom.showPoints"))
    soft_least: float | None = field(default=None, metadata=_is("custom.axisSoftMin"))
    soft_most: float | None = field(default=None, metadata=_is("custom.axisSoftMax"))
    axis_label: str | None = field(default=None, metadata=_is("custom.axisLabel"))
    threshold_lines: JsonObject | None = field(default=None, metadata=_is("custom.thresholdsStyle"))
    hide_from: JsonObject | None = field(default=None, metadata=_is("custom.hideFrom"))

    def options(self) -> list[tuple[str, object]]:
        """Return Grafana's name and the value of each option that is set."""
        named = [(str(each.metadata["option"]), getattr(self, each.name)) for each in fields(self)]
        return [(name, value) for name, value in named if value is not None]

    def over(self, base: "Field") -> "Field":
        """Return this field with what it leaves open taken from ``base``."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(base, **{name: value for name, value in own.items() if value is not None})

    def as_defaults(self, custom: JsonObject) -> JsonObject:
        """Return the defaults of a panel; ``custom`` holds further options of its kind."""
        plain = {name: value for name, value in self.options() if not name.startswith("custom.")}
        own = {name.removeprefix("custom."): value for name, value in self.options() if name.startswith("custom.")}
        return {**plain, **({"custom": {**custom, **own}} if custom or own else {})}


@dataclass(frozen=True, slots=True)
class Override:
    """How the fields that match are shown. Overrides apply in their order, to the names that earlier ones gave."""

    matcher: str
    pattern: str
    shown: Field

    def json(self) -> JsonObject:
        """Return it as Grafana stores it."""
        properties = [{"id": name, "value": value} for name, value in self.shown.options()]
        return {"matcher": {"id": self.matcher, "options": self.pattern}, "properties": properties}


def named(name: str, shown: Field) -> Override:
    """Return how the field of this name is shown."""
    return Override("byName", name, shown)


def matching(pattern: str, shown: Field) -> Override:
    """Return how fields are shown whose name matches ``/a regular expression/``."""
    return Override("byRegexp", pattern, shown)
