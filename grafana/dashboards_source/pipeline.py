"""Pipeline: can the other dashboards be trusted: is everything running, fresh and accounted for."""

from grafana.dashboards_source import books, pipeline_curves, pipeline_services, pipeline_state
from grafana.dashboards_source.layers import processes_down
from grafana.dashboards_source.navigation import PIPELINE, TITLES, links_from
from grafana.schema.dashboards import Dashboard
from grafana.schema.panels import Place, Row


def pipeline() -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        uid=PIPELINE,
        title=TITLES[PIPELINE],
        description="Can the other dashboards be trusted: is everything running, fresh and accounted for.",
        refresh="10s",
        links=links_from(PIPELINE),
        layers=(processes_down(pipeline_state.PROCESSES),),
        panels=(
            *pipeline_state.NUMBERS,
            pipeline_state.processes(Place(0, 3, 16, 6)),
            pipeline_state.alerts(Place(16, 3, 8, 6)),
            pipeline_curves.behind_real_time(Place(0, 9, 8, 7)),
            pipeline_curves.consumer_lag(Place(8, 9, 8, 7)),
            pipeline_curves.batch_duration(Place(16, 9, 8, 7)),
            Row("The books: received = counted + duplicate + late + rejected", 16),
            books.events_by_fate(Place(0, 17, 12, 7)),
            books.not_counted(Place(12, 17, 12, 7)),
            books.last_batches(Place(0, 24, 15, 8)),
            books.dead_letters(Place(15, 24, 9, 8)),
            Row("Store and narrator", 32),
            pipeline_services.store_times(Place(0, 33, 8, 7)),
            pipeline_services.model_times(Place(8, 33, 8, 7)),
            pipeline_services.model_answers(Place(16, 33, 8, 7)),
            Row("Maintenance", 40),
            pipeline_services.jobs(Place(0, 41, 10, 9)),
            pipeline_services.health_report(Place(10, 41, 14, 9)),
        ),
    )
