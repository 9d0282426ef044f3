"""Words and colours that mean the same on every dashboard."""

from grafana.schema.colours import Colour, fixed
from grafana.schema.fields import Field, Override, matching, named
from grafana.schema.scales import Mapped, mappings

COUNT = "none"
"""The unit of plain numbers."""
SECONDS = "suffix: s"
"""The unit of delays and clocks: with ``s`` and no decimals 71 s would read "1 mins"."""
DURATION = "dthms"
MOMENT = "time:MMM D HH:mm"
CLOCK = "time:HH:mm:ss"

SEVERITY = (
    Mapped("critical", "critical", Colour.CRITICAL),
    Mapped("warning", "warning", Colour.WARNING),
)
SEVERITIES = mappings(*SEVERITY)
STATES = mappings(
    Mapped("open", "open", Colour.MEASURED),
    Mapped("resolved", "resolved", Colour.TRUTH),
)
LEVELS = mappings(
    Mapped("0", "OK", Colour.OK_QUIET),
    Mapped("1", "Warning", Colour.WARNING),
    Mapped("2", "Critical", Colour.CRITICAL),
)
"""Of ``service:health_level:max``."""
KIND = {
    "error_surge": "error surge",
    "latency_spike": "latency spike",
    "traffic_drop": "traffic drop",
    "traffic_surge": "traffic surge",
}
KINDS = mappings(*(Mapped(kind, words, Colour.TEXT) for kind, words in KIND.items()))

SERVICE_COLOURS: tuple[Override, ...] = (
    named("checkout", Field(colour=fixed(Colour.SERVICE_1))),
    named("payments", Field(colour=fixed(Colour.SERVICE_2))),
    named("search", Field(colour=fixed(Colour.SERVICE_3))),
)
"""Of the generator's services, on every panel with one line per service."""
PART_COLOURS: tuple[Override, ...] = (
    matching("/^streaming/", Field(colour=fixed(Colour.STREAMING))),
    matching("/^exporters/", Field(colour=fixed(Colour.EXPORTERS))),
    matching("/^detector/", Field(colour=fixed(Colour.DETECTOR))),
    matching("/^narrator/", Field(colour=fixed(Colour.NARRATOR))),
)
