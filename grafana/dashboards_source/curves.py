"""Curves that look the same wherever they appear."""

from grafana.schema.colours import Colour, fixed
from grafana.schema.fields import DASHED, OFF_LEGEND, Field, Override, named

_BAND_FILL = 14


def limit(name: str, shown_as: str | None = None) -> Override:
    """Return how a limit or an objective is drawn."""
    return named(name, Field(name=shown_as, colour=fixed(Colour.CRITICAL), line_width=1, line_style=DASHED))


def strong(name: str, colour: Colour = Colour.MEASURED, shown_as: str | None = None) -> Override:
    """Return how a curve that matters is drawn."""
    return named(name, Field(name=shown_as, colour=fixed(colour)))


def thin(name: str, colour: Colour, shown_as: str | None = None) -> Override:
    """Return how a curve beside the one that matters is drawn."""
    return named(name, Field(name=shown_as, colour=fixed(colour), line_width=1))


def area(name: str) -> Override:
    """Return how what is expected at most is drawn."""
    return named(name, Field(colour=fixed(Colour.TRUTH), line_width=0, fill=_BAND_FILL))


def band(upper: str, lower: str) -> tuple[Override, Override]:
    """Return how a band between two curves is drawn; the lower one stays off the legend."""
    between = Field(colour=fixed(Colour.TRUTH), line_width=0, fill=_BAND_FILL, fill_down_to=lower)
    edge = Field(colour=fixed(Colour.TRUTH), line_width=0, fill=0, hide_from=OFF_LEGEND)
    return named(upper, between), named(lower, edge)
