"""What was promised: the error budget and how fast it is spent."""

from grafana.dashboards_source.vocabulary import SERVICE_COLOURS
from grafana.schema.colours import Colour
from grafana.schema.fields import DRAWN_AREA, DRAWN_DASHED, Field
from grafana.schema.graphs import TimeSeries, legend_table
from grafana.schema.panels import Place
from grafana.schema.queries import PromQL
from grafana.schema.scales import thresholds

SLOW_BURN, FAST_BURN = 6, 14.4
"""Burn rates from which on an alert fires."""


def error_budget(place: Place) -> TimeSeries:
    """Return the curve of what is left of the budget."""
    return TimeSeries(
        "Error budget left",
        "Part of the 7-day error budget that is still unspent. In the red, below 0 %, the objective is missed.",
        place,
        queries=(PromQL('min by (service) (slo_error_budget_remaining_ratio{service=~"$service"})', "{{service}}"),),
        shown=Field(
            unit="percentunit",
            most=1,
            thresholds=thresholds(Colour.CRITICAL, (0, Colour.NONE)),
            threshold_lines=DRAWN_AREA,
        ),
        overrides=SERVICE_COLOURS,
        legend=legend_table("lastNotNull"),
        below_zero=True,
    )


def burn_rate(place: Place) -> TimeSeries:
    """Return the curve of how fast the budget is spent."""
    return TimeSeries(
        "Burn rate (1 h)",
        "How many times faster than allowed the budget is spent. 1 lasts exactly 7 days; the dashed lines are the"
        f" alert limits {SLOW_BURN} (slow burn) and {FAST_BURN} (fast burn).",
        place,
        queries=(PromQL('max by (service) (service:slo_burn_rate:rate1h{service=~"$service"})', "{{service}}"),),
        shown=Field(
            unit="none",
            decimals=1,
            soft_most=16,
            thresholds=thresholds(Colour.NONE, (SLOW_BURN, Colour.WARNING), (FAST_BURN, Colour.CRITICAL)),
            threshold_lines=DRAWN_DASHED,
        ),
        overrides=SERVICE_COLOURS,
        legend=legend_table("lastNotNull", "max"),
    )
