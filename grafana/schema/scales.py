"""What values mean: thresholds give ranges a colour, mappings give single values a text and a colour."""

from typing import NamedTuple, NewType

from grafana.schema import JsonObject
from grafana.schema.colours import Colour

Thresholds = NewType("Thresholds", JsonObject)
ValueMappings = NewType("ValueMappings", list[JsonObject])


class Mapped(NamedTuple):
    """One value of a field, with the text and the colour that stand for it."""

    value: str
    text: str
    colour: Colour


def thresholds(base: Colour, *steps: tuple[float, Colour]) -> Thresholds:
    """Return absolute thresholds: ``base`` below the first step and, in a stat, for no data; each step from its value.

    >>> thresholds(Colour.OK, (60, Colour.WARNING))["steps"][1]["value"]
    60
    """
    rising: list[tuple[float | None, Colour]] = [(None, base), *steps]
    return Thresholds({"mode": "absolute", "steps": [{"color": colour, "value": value} for value, colour in rising]})


def mappings(*rows: Mapped) -> ValueMappings:
    """Return what stands for each value, in this order."""
    options = {row.value: {"text": row.text, "color": row.colour, "index": index} for index, row in enumerate(rows)}
    return ValueMappings([{"type": "value", "options": options}])
