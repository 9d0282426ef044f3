"""Incidents: what went wrong, why, and was it really so."""

from grafana.dashboards_source.anomaly_tables import anomalies_of_incident
from grafana.dashboards_source.detection_curves import missed_and_false, recall, time_to_detect
from grafana.dashboards_source.ground_truth import detected_and_injected, detection_score, injected_faults
from grafana.dashboards_source.incident_story import every_version, what_happened, what_the_detector_saw
from grafana.dashboards_source.incident_tables import incidents as incident_table
from grafana.dashboards_source.navigation import (
    INCIDENTS,
    OF_SERVICE,
    OF_SEVERITY,
    TITLES,
    links_from,
    services_with_all,
)
from grafana.dashboards_source.vocabulary import SEVERITY
from grafana.schema.dashboards import Dashboard
from grafana.schema.panels import Place, Row
from grafana.schema.queries import Facts
from grafana.schema.variables import choice_of, custom


def incidents() -> Dashboard:
    """Return the dashboard. The newest incident is chosen at first; a link chooses its own."""
    choices = Facts("variables/incidents", (OF_SERVICE, OF_SEVERITY), columns=())
    return Dashboard(
        uid=INCIDENTS,
        title=TITLES[INCIDENTS],
        description="What went wrong, why, and was it really so.",
        refresh="30s",
        links=links_from(INCIDENTS),
        variables=(
            services_with_all(),
            custom("severity", "", [row.value for row in SEVERITY]),
            choice_of("incident", "Newest first; an open one has a dot", choices),
        ),
        panels=(
            detected_and_injected(Place(0, 0, 24, 6)),
            incident_table(
                "Newest first. Click a headline to load the incident below, the service to see its curves at that"
                " time.",
                Place(0, 6, 24, 8),
                (OF_SERVICE, OF_SEVERITY),
            ),
            Row("Incident: $incident", 14),
            what_happened(Place(0, 15, 11, 14)),
            what_the_detector_saw(Place(11, 15, 13, 7)),
            anomalies_of_incident(Place(11, 22, 13, 7)),
            Row("Ground truth and detection quality", 29),
            recall(Place(0, 30, 8, 6)),
            missed_and_false(Place(8, 30, 8, 6)),
            time_to_detect(Place(16, 30, 8, 6)),
            detection_score(Place(0, 36, 7, 8)),
            injected_faults(Place(7, 36, 17, 8)),
            Row("Narrator", 44),
            every_version(Place(0, 45, 24, 6)),
        ),
    )
