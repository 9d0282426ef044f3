"""The rules: their names and what each of them looks for."""

from enum import StrEnum

from contracts.anomalies import AnomalyType, MetricName


class Rule(StrEnum):
    """A rule by its documented name, in the order of the anomaly types."""

    ERROR_RATE = "error_rate"
    LATENCY_SLA = "latency_sla"

    @property
    def anomaly_type(self) -> AnomalyType:
        """What an anomaly that the rule finds is."""
        return AnomalyType.ERROR_SURGE if self is Rule.ERROR_RATE else AnomalyType.LATENCY_SPIKE

    @property
    def metric(self) -> MetricName:
        """What the rule measures."""
        return MetricName.ERROR_RATIO if self is Rule.ERROR_RATE else MetricName.LATENCY_P95


RULES = tuple(Rule)
"""Every rule, in the order in which scores and decisions are kept."""
