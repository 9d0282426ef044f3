"""Reads single values from the /metrics of a process, on loopback and never through a proxy."""

from collections.abc import Mapping

import requests
from prometheus_client.parser import text_string_to_metric_families

from contracts.metrics import Metric
from local.loopback import loopback_session

_TIMEOUT_SECONDS = 5.0


def total(url: str, metric: Metric, labels: Mapping[str, str] | None = None) -> float | None:
    """Return the sum of a metric's samples that carry the labels; None when there are none or nobody answers.

    Args:
        url: of the process.
        metric: a counter or a gauge.
        labels: that a sample must carry, among others.
    """
    session = loopback_session()
    try:
        text = session.get(f"{url}/metrics", timeout=_TIMEOUT_SECONDS).text
    except requests.RequestException:
        return None
    wanted = set((labels or {}).items())
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == metric.name and wanted <= set(sample.labels.items())
    ]
    return sum(found) if found else None
