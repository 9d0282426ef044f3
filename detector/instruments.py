"""What the detector counts of itself."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics

from contracts.metric import Metric
from contracts.metrics import ANOMALY_REVISIONS, RECORDS_READ, WINDOWS_JUDGED
from detector.decision import Verdict
from detector.rules import Rule

CONSUMER = "detector"


class Instruments:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._records = self._counter(RECORDS_READ)
        self._judged = self._counter(WINDOWS_JUDGED)
        self._revisions = self._counter(ANOMALY_REVISIONS)

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.meaning, metric.labels, registry=self.registry)

    def count_records(self, topic: str, outcomes: Mapping[str, int]) -> None:
        """Count records that were read, by outcome."""
        for outcome, records in outcomes.items():
            self._records.labels(topic, CONSUMER, outcome).inc(records)

    def count_verdicts(self, verdicts: Mapping[tuple[Rule, Verdict], int]) -> None:
        """Count judgements by rule and verdict."""
        for (rule, verdict), judgements in verdicts.items():
            self._judged.labels(rule.value, verdict.value).inc(judgements)

    def count_revisions(self, published: int) -> None:
        """Count revisions that the broker acknowledged."""
        self._revisions.inc(published)
