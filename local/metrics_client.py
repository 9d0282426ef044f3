"""Reads single values from the /metrics of a process, on loopback and never through a proxy."""

from collections.abc import Mapping

import requests
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from contracts.metric import Metric
from local.loopback import loopback_session

_TIMEOUT_SECONDS = 5.0


def total(
    url: str, metric: Metric, labels: Mapping[str, str] | None = None, token: SecretStr | None = None
) -> float | None:
    """Return the sum of a metric's samples that carry the labels; None when there are none or nobody gives them.

    Args:
        url: of the process.
        metric: a counter or a gauge.
        labels: that a sample must carry, among others.
        token: what the process asks for, if it does.
    """
    session = loopback_session(token)
    try:
        answer = session.get(f"{url}/metrics", timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
    except requests.RequestException:
        return None
    wanted = set((labels or {}).items())
    found = [
        sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == metric.name and wanted <= set(sample.labels.items())
    ]
    return sum(found) if found else None
