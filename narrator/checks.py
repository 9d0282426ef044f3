"""What to look at first, by the kind of the deviation."""

from collections.abc import Sequence

from contracts.anomalies import Anomaly, AnomalyType
from narrator.figures import standing_out
from narrator.wording import clock, spoken

MAX_CHECKS = 4


def check_first(anomalies: Sequence[Anomaly]) -> tuple[str, ...]:
    """Return two to four lines: those of the first anomaly, then the first line of others that are of another kind."""
    lines = list(_checks(anomalies[0]))
    told = {(anomalies[0].service, anomalies[0].anomaly_type)}
    for anomaly in anomalies[1:]:
        if (anomaly.service, anomaly.anomaly_type) not in told:
            told.add((anomaly.service, anomaly.anomaly_type))
            lines.append(_checks(anomaly)[0])
    return tuple(lines[:MAX_CHECKS])


def _checks(anomaly: Anomaly) -> tuple[str, ...]:
    service, since = spoken(anomaly.service), clock(anomaly.window_start)
    blamed = standing_out(anomaly)
    endpoint = anomaly.endpoint or ("" if blamed is None else blamed.endpoint)
    requests = f"requests to {spoken(endpoint)} of {service}" if endpoint else f"requests to {service}"
    if anomaly.anomaly_type is AnomalyType.ERROR_SURGE:
        return (
            f"Log lines of failed {requests} since {since} UTC: what do the errors say?",
            f"Deployments and configuration changes of {service} shortly before {since} UTC.",
            f"What {service} depends on: databases, other services, certificates, quotas.",
        )
    if anomaly.anomaly_type is AnomalyType.LATENCY_SPIKE:
        return (
            f"Traces of slow {requests} since {since} UTC: where is the time spent?",
            f"Load of {service}: CPU, memory, threads, connection pools.",
            f"Response times of what {service} depends on: databases, other services.",
        )
    if anomaly.anomaly_type is AnomalyType.TRAFFIC_DROP:
        return (
            f"Whether {service} can be reached: health checks, load balancer, DNS.",
            f"Callers of {service}: do they still send requests, and do they report errors?",
            f"Changes of routing, deployments and schedules shortly before {since} UTC.",
        )
    return (
        f"Who sends the {requests}: one caller, retries, a load test?",
        f"Errors and latency of {service} under this load.",
        f"Rate limits and free capacity of {service}.",
    )
