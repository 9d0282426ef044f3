"""Whether the pipeline runs: six numbers, the processes and the alerts."""

from grafana.dashboards_source.runbooks import runbook_url
from grafana.dashboards_source.vocabulary import SEVERITIES
from grafana.schema.colours import BY_THRESHOLD, Colour
from grafana.schema.fields import Field, named
from grafana.schema.links import data_link
from grafana.schema.panels import Place
from grafana.schema.queries import PromQL, at_end, rows_at_end
from grafana.schema.scales import Mapped, Thresholds, mappings, thresholds
from grafana.schema.states import Stat, StateTimeline
from grafana.schema.tables import PILL, Table
from grafana.schema.transformations import organize

PROCESSES = "Processes"

_LATE_OR_REJECTED = "(sum(increase(events_rejected_total[$__range])) + sum(increase(events_late_total[$__range])))"
_OVERDUE = (
    "count((time() - maintenance_job_last_success_timestamp_seconds) > 1.5 * maintenance_job_interval_seconds)"
    " or 0 * count(maintenance_job_interval_seconds)"
)
_NOBODY = mappings(Mapped(" ", "–", Colour.TEXT))
"""Of an alert about neither a service nor a process: the space that joins their names remains."""
_UP = mappings(Mapped("1", "up", Colour.OK_QUIET), Mapped("0", "down", Colour.CRITICAL))


def _from_zero(*steps: tuple[float, Colour]) -> Thresholds:
    """Return thresholds on which an absent value is grey, not green."""
    return thresholds(Colour.TRUTH, *steps)


def _number(title: str, description: str, x: int, expression: str, shown: Field) -> Stat:
    return Stat(
        title,
        description,
        Place(x, 0, 4, 3),
        queries=(at_end(expression, title),),
        shown=shown.over(Field(colour=BY_THRESHOLD)),
        value_size=30,
    )


NUMBERS = (
    _number(
        "Freshness",
        "Age of the oldest record not yet processed; 0 when caught up. Alert at 5 minutes.",
        0,
        "max(pipeline_freshness_seconds)",
        Field(
            unit="s",
            decimals=0,
            thresholds=_from_zero((0, Colour.OK), (60, Colour.WARNING), (300, Colour.CRITICAL)),
        ),
    ),
    _number(
        "Events in",
        "Events received by the stream per second.",
        4,
        "sum(rate(events_received_total[$__rate_interval]))",
        Field(unit="eps", decimals=0, thresholds=_from_zero((0, Colour.TEXT))),
    ),
    _number(
        "Lag / limit",
        "Lag of the slowest consumer as a share of its alert limit: three batches' worth of records, at least 1000.",
        8,
        "max(max by (topic) (kafka_consumer_lag) / on (topic) pipeline:consumer_lag_limit:records)",
        Field(
            unit="percentunit",
            decimals=0,
            thresholds=_from_zero((0, Colour.OK), (0.5, Colour.WARNING), (1, Colour.CRITICAL)),
        ),
    ),
    _number(
        "Not counted",
        "Share of the events of this range that were rejected or late. Duplicates are not losses.",
        12,
        f"{_LATE_OR_REJECTED} / sum(increase(events_received_total[$__range]))",
        Field(
            unit="percentunit",
            decimals=2,
            thresholds=_from_zero((0, Colour.OK), (0.01, Colour.WARNING), (0.05, Colour.CRITICAL)),
        ),
    ),
    _number(
        "Lost",
        "Events of this range that vanished from Kafka before they were read. Must be 0.",
        16,
        "sum(increase(events_lost_total[$__range]))",
        Field(unit="short", decimals=0, thresholds=_from_zero((0, Colour.OK), (1, Colour.CRITICAL))),
    ),
    _number(
        "Overdue jobs",
        "Maintenance jobs whose last success is older than one and a half intervals.",
        20,
        _OVERDUE,
        Field(unit="short", decimals=0, thresholds=_from_zero((0, Colour.OK), (1, Colour.WARNING))),
    ),
)
"""The first row, from left to right."""


def processes(place: Place) -> StateTimeline:
    """Return a lane per process."""
    return StateTimeline(
        PROCESSES,
        "Whether Prometheus could reach each process. A gap means Prometheus itself was away.",
        place,
        queries=(PromQL('min by (job) (up{job!="prometheus"})', "{{job}}"),),
        shown=Field(mappings=_UP, empty="No process is scraped yet"),
    )


def alerts(place: Place) -> Table:
    """Return the alerts that fire, each with its runbook."""
    firing = 'label_join(ALERTS{alertstate="firing"}, "about", " ", "service", "job")'
    runbook = data_link("Runbook", runbook_url("${__value.text}"), new_tab=True)
    return Table(
        "Alerts firing",
        "Alert rules that fire at the end of the range. Click one for its runbook.",
        place,
        queries=(rows_at_end(f"max by (severity, alertname, about) ({firing})"),),
        overrides=(
            named("severity", Field(name="Severity", width=90, cell=PILL, mappings=SEVERITIES)),
            named("alertname", Field(name="Alert", links=runbook)),
            named("about", Field(name="About", width=130, mappings=_NOBODY)),
        ),
        transformations=(organize(("severity", "alertname", "about"), ("Time", "Value")),),
        sort=("Severity", False),
        empty="No alert is firing",
    )
