"""What else the platform does: its store, its language model, its maintenance."""

from grafana.dashboards_source.curves import limit, strong, thin
from grafana.dashboards_source.vocabulary import DURATION, SECONDS, SEVERITY
from grafana.schema.colours import BY_THRESHOLD, Colour, shades
from grafana.schema.fields import DRAWN_DASHED, STACKED, Field, named
from grafana.schema.graphs import TimeSeries
from grafana.schema.panels import Place
from grafana.schema.queries import ColumnType, PromQL, rows_at_end
from grafana.schema.scales import Mapped, mappings, thresholds
from grafana.schema.tables import PILL, Column, FactTable, Table, gauge
from grafana.schema.transformations import MERGE, organize

TIME, TEXT = ColumnType.TIME, ColumnType.TEXT

_AGE = "time() - maintenance_job_last_success_timestamp_seconds"
_JOB_NAMES = {
    "job": "Job",
    "Value #A": "Last success",
    "Value #B": "Every",
    "Value #C": "Took",
    "Value #D": "Age / interval",
}
_OVERDUE = Field(
    unit="percentunit",
    decimals=0,
    least=0,
    most=1.5,
    cell=gauge("color"),
    colour=BY_THRESHOLD,
    thresholds=thresholds(Colour.OK, (1, Colour.WARNING), (1.5, Colour.CRITICAL)),
)
_STATUSES = mappings(Mapped("ok", "ok", Colour.OK), *reversed(SEVERITY))


def store_times(place: Place) -> TimeSeries:
    """Return how long the store's queries take."""
    buckets = "sum by (le, query) (rate(db_query_duration_seconds_bucket[5m]))"
    return TimeSeries(
        "Store: query and write time (p95)",
        "95th percentile of the store's queries, and of writing one batch (sink_apply). 250 ms is the promise for the"
        " dashboards.",
        place,
        queries=(PromQL(f"histogram_quantile(0.95, {buckets})", "{{query}}"),),
        shown=Field(
            unit="s",
            soft_most=0.26,
            colour=shades(Colour.MEASURED),
            thresholds=thresholds(Colour.NONE, (0.25, Colour.WARNING)),
            threshold_lines=DRAWN_DASHED,
        ),
        overrides=(
            strong("metrics"),
            strong("incidents", Colour.MEASURED_LIGHT),
            strong("annotations", Colour.TRUTH),
            strong("sink_apply", Colour.STREAMING),
        ),
    )


def model_times(place: Place) -> TimeSeries:
    """Return how long the language model takes."""
    buckets = "sum by (le) (rate(llm_request_duration_seconds_bucket[30m]))"
    return TimeSeries(
        "Language model: time per answer",
        "Seconds the model takes for one account, over 30 minutes. Empty while nothing had to be described.",
        place,
        queries=(
            PromQL(f"histogram_quantile(0.95, {buckets})", "p95"),
            PromQL(f"histogram_quantile(0.5, {buckets})", "p50"),
            PromQL("max(llm_timeout_seconds)", "limit"),
        ),
        shown=Field(unit=SECONDS, empty="No incident had to be described"),
        overrides=(strong("p95"), thin("p50", Colour.MEASURED_LIGHT), limit("limit")),
    )


def model_answers(place: Place) -> TimeSeries:
    """Return what the language model answered."""
    return TimeSeries(
        "Answers of the model",
        "Answers of the last 15 minutes by outcome. Everything but ok means that the template text stays.",
        place,
        queries=(PromQL("sum by (outcome) (increase(llm_requests_total[15m]))", "{{outcome}}"),),
        shown=Field(unit="short", decimals=0, stacking=STACKED, fill=45, line_width=0),
        overrides=(
            strong("ok", Colour.OK),
            strong("ungrounded", Colour.WARNING),
            strong("timeout", Colour.CRITICAL),
            strong("error", Colour.DARK_RED),
        ),
    )


def jobs(place: Place) -> Table:
    """Return the maintenance jobs, the most overdue first."""
    return Table(
        "Jobs",
        "When each job last succeeded against how often it should. Overdue from one and a half intervals.",
        place,
        queries=(
            rows_at_end(f"max by (job) ({_AGE})"),
            rows_at_end("max by (job) (maintenance_job_interval_seconds)"),
            rows_at_end("max by (job) (maintenance_job_last_duration_seconds)"),
            rows_at_end(f"max by (job) (({_AGE}) / maintenance_job_interval_seconds)"),
        ),
        overrides=(
            named("Job", Field(width=95)),
            named("Last success", Field(name="Succeeded ago", width=120, unit=DURATION)),
            named("Every", Field(width=75, unit="s", decimals=0)),
            named("Took", Field(width=75, unit="s")),
            named("Age / interval", _OVERDUE),
        ),
        transformations=(MERGE, organize(tuple(_JOB_NAMES), ("Time",), _JOB_NAMES)),
        sort=("Age / interval", True),
        empty="No job has run yet",
    )


def health_report(place: Place) -> FactTable:
    """Return the checks of the newest report."""
    return FactTable(
        "Latest health report",
        "The last report of the health job, worst first.",
        place,
        path="health-reports",
        parameters=(("latest", "1"),),
        columns=(
            Column("status", TEXT, Field(name="Status", width=82, cell=PILL, mappings=_STATUSES)),
            Column("check", TEXT, Field(name="Check", width=235)),
            Column("value", TEXT, Field(name="Value", width=95)),
            Column("detail", TEXT, Field(name="Detail", least_width=220)),
            Column("time", TIME, Field(name="At (UTC)", width=80, unit="time:HH:mm")),
        ),
        wrap=True,
        empty="No health report yet",
    )
