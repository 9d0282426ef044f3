"""The rules: their names and what each of them looks for."""

from enum import StrEnum

from contracts.anomalies import AnomalyType, MetricName


class Rule(StrEnum):
    """A rule by its documented name, in the order of the anomaly types."""

    ERROR_RATE = "error_rate"
    LATENCY_SLA = "latency_sla"
    TRAFFIC_DROP = "traffic_drop"
    TRAFFIC_SURGE = "traffic_surge"

    @property
    def anomaly_type(self) -> AnomalyType:
        """What an anomaly that the rule finds is."""
        return _TYPES[self]

    @property
    def metric(self) -> MetricName:
        """What the rule measures."""
        return _METRICS[self]

    @property
    def looks_below(self) -> bool:
        """Whether it looks for values below the usual ones, not above."""
        return self is Rule.TRAFFIC_DROP


_TYPES = {
    Rule.ERROR_RATE: AnomalyType.ERROR_SURGE,
    Rule.LATENCY_SLA: AnomalyType.LATENCY_SPIKE,
    Rule.TRAFFIC_DROP: AnomalyType.TRAFFIC_DROP,
    Rule.TRAFFIC_SURGE: AnomalyType.TRAFFIC_SURGE,
}
_METRICS = {
    Rule.ERROR_RATE: MetricName.ERROR_RATIO,
    Rule.LATENCY_SLA: MetricName.LATENCY_P95,
    Rule.TRAFFIC_DROP: MetricName.REQUEST_RATE,
    Rule.TRAFFIC_SURGE: MetricName.REQUEST_RATE,
}

RULES = tuple(Rule)
"""Every rule, in the order in which scores and decisions are kept."""
