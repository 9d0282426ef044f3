"""Colours, each with one meaning on every dashboard, and how a field gets its own."""

from enum import StrEnum
from typing import NewType

from grafana.schema import JsonObject


class Colour(StrEnum):
    """Every colour that is used. The reds other than ``CRITICAL`` only split a failed or rejected total by reason."""

    CRITICAL = "#F2495C"
    WARNING = "#FF9830"
    OK = "#73BF69"
    OK_QUIET = "rgba(115,191,105,0.28)"
    """OK over an area: only trouble may be loud."""
    MEASURED = "#5794F2"
    MEASURED_LIGHT = "#A9C8FA"
    MEASURED_DARK = "#2F65C8"
    TRUTH = "#9AA5B1"
    """What should be or really was: expected bands, injected faults, resolved, unknown, no data."""

    SERVICE_1 = "#B877D9"
    SERVICE_2 = "#2FB8AC"
    SERVICE_3 = "#F27FB2"
    STREAMING = "#C8A96A"
    EXPORTERS = "#8E84F3"
    DETECTOR = "#5AC8E8"
    NARRATOR = "#D98CB3"

    LIGHT_RED = "#FF9AA8"
    DEEP_RED = "#C4162A"
    DARK_RED = "#8F1D2C"
    VIOLET_RED = "#8F5A9B"

    TEXT = "text"
    NONE = "transparent"


ColourMode = NewType("ColourMode", JsonObject)

BY_NAME = ColourMode({"mode": "palette-classic-by-name"})
BY_THRESHOLD = ColourMode({"mode": "thresholds"})


def fixed(colour: Colour) -> ColourMode:
    """Return one colour, whatever the value."""
    return ColourMode({"mode": "fixed", "fixedColor": colour})


def shades(colour: Colour) -> ColourMode:
    """Return shades of one colour for several curves."""
    return ColourMode({"mode": "shades", "fixedColor": colour})
