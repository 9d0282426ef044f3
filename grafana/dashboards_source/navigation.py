"""How one gets from a dashboard to the others, and the variables that go along."""

from grafana.schema import JsonObject
from grafana.schema.links import dashboard_link
from grafana.schema.queries import Parameter
from grafana.schema.variables import label_values

OVERVIEW, SERVICE, INCIDENTS, PIPELINE = "obs-overview", "obs-service", "obs-incidents", "obs-pipeline"
TITLES = {OVERVIEW: "Overview", SERVICE: "Service", INCIDENTS: "Incidents", PIPELINE: "Pipeline"}
"""In the order in which every dashboard links to the others."""

OF_SERVICE: Parameter = ("service", "${service:csv}")
OF_ENDPOINT: Parameter = ("endpoint", "${endpoint:csv}")
OF_SEVERITY: Parameter = ("severity", "${severity:csv}")
OF_INCIDENT: Parameter = ("incident", "${incident}")


def links_from(uid: str) -> tuple[JsonObject, ...]:
    """Return the links of a dashboard.

    Service is opened without variables: it repeats a row per service, and All would draw all of them.
    """
    keeps = {OVERVIEW, INCIDENTS} if uid != PIPELINE else set()
    return tuple(dashboard_link(TITLES[to], to, with_variables=to in keeps) for to in TITLES if to != uid)


def services_with_all() -> JsonObject:
    """Return the variable of dashboards that show all services together."""
    description = "Services that sent at least one event"
    return label_values("service", description, "service_requests_total", everything=True)
