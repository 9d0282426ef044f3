"""How well the running system detects injected faults, over time and of all services."""

from grafana.dashboards_source.curves import strong, thin
from grafana.dashboards_source.vocabulary import COUNT, SECONDS
from grafana.schema.colours import Colour
from grafana.schema.fields import DRAWN_DASHED, Field
from grafana.schema.graphs import TimeSeries
from grafana.schema.panels import Place
from grafana.schema.queries import PromQL
from grafana.schema.scales import thresholds

SLOW_SECONDS, TOO_SLOW_SECONDS = 90, 180
"""Delays from which a detection is slow, and too slow to be of use."""
_GOOD_RECALL = 0.9
"""Above it, fewer than one fault in ten was missed."""
_NOT_INJECTED = "Nothing was injected in the last 24 hours"
_OUTCOMES = "sum by (kind) (detection_injections{{outcome=~{}}})"


def recall(place: Place) -> TimeSeries:
    """Return the share of faults that were found, and that of the kind which is found worst: four would look alike."""
    detected, decided = (_OUTCOMES.format(outcomes) for outcomes in ('"detected"', '"detected|missed"'))
    return TimeSeries(
        "Recall, last 24 hours",
        "Share of the injected faults that were detected, of those that ended or were detected in the 24 hours before"
        " each moment; all services. The worst kind is the one of which most were missed, as the table below shows."
        " Below the dashed line more than one in ten was missed. In the first 20 minutes of a new platform nothing is"
        " known to be usual, and drops and surges are missed.",
        place,
        queries=(
            PromQL("max(detection_recall_ratio)", "all kinds"),
            PromQL(f"min({detected} / ({decided} > 0))", "worst kind"),
        ),
        shown=Field(
            empty="No injected fault was detected or missed yet",
            unit="percentunit",
            most=1,
            thresholds=thresholds(Colour.NONE, (_GOOD_RECALL, Colour.WARNING)),
            threshold_lines=DRAWN_DASHED,
        ),
        overrides=(strong("all kinds"), thin("worst kind", Colour.MEASURED_LIGHT)),
    )


def missed_and_false(place: Place) -> TimeSeries:
    """Return how many faults were missed, and how many incidents no fault explains."""
    return TimeSeries(
        "Missed and false, last 24 hours",
        "Injected faults that nothing was reported about, and incidents that no injected fault explains, in the 24"
        " hours before each moment; all services. With real traffic nobody knows which incidents are false.",
        place,
        queries=(
            PromQL('sum(detection_injections{outcome="missed"})', "missed faults"),
            PromQL("max(detection_false_alarms)", "false alarms"),
        ),
        shown=Field(empty=_NOT_INJECTED, unit=COUNT, decimals=0, soft_most=5),
        overrides=(strong("missed faults", Colour.WARNING), strong("false alarms")),
    )


def time_to_detect(place: Place) -> TimeSeries:
    """Return the delays of the detected ones."""
    return TimeSeries(
        "Time to detect, last 24 hours",
        "From the begin of an injected fault to the stream time of its detection, of the 24 hours before each moment;"
        " all services. Traffic drops take longest. What the pipeline adds is on Pipeline, under Behind real time.",
        place,
        queries=(PromQL("max by (quantile) (detection_delay_seconds)", "p{{quantile}}"),),
        shown=Field(
            empty="No injected fault was detected yet",
            unit=SECONDS,
            decimals=0,
            soft_most=100,
            thresholds=thresholds(Colour.NONE, (SLOW_SECONDS, Colour.WARNING), (TOO_SLOW_SECONDS, Colour.CRITICAL)),
            threshold_lines=DRAWN_DASHED,
        ),
        overrides=(thin("p0.5", Colour.MEASURED_LIGHT, "p50"), strong("p0.95", shown_as="p95")),
    )
