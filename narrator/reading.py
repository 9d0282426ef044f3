"""Reading the two topics: records that can be told about, and what is wrong with the others."""

from collections.abc import Iterator
from datetime import UTC, datetime

from contracts.anomalies import Anomaly
from contracts.records import MalformedRecordError
from contracts.summaries import IncidentSummary
from contracts.topics import ANOMALIES, INCIDENT_SUMMARIES

TOPICS = (ANOMALIES.name, INCIDENT_SUMMARIES.name)

LARGEST_NUMBER = 1e15
"""No count or measured value of the platform comes near it; below it, arithmetic neither overflows nor loses units."""

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def read_record(topic: str, value: bytes | None) -> Anomaly | IncidentSummary:
    """Return the record of one of the narrator's topics.

    Raises:
        MalformedRecordError: the bytes are not such a record, or a number or a time in it is out of all reason.
    """
    if topic == INCIDENT_SUMMARIES.name:
        return IncidentSummary.decode(value)
    anomaly = Anomaly.decode(value)
    if any(abs(number) > LARGEST_NUMBER for number in _numbers(anomaly)):
        raise MalformedRecordError(f"a number is beyond {LARGEST_NUMBER:g}")
    if any(not _EARLIEST <= moment <= _LATEST for moment in _moments(anomaly)):
        raise MalformedRecordError(f"a time is not between {_EARLIEST:%Y} and {_LATEST:%Y}")
    return anomaly


def _numbers(anomaly: Anomaly) -> Iterator[float]:
    evidence = anomaly.evidence
    found: list[float | None] = [anomaly.metric_value, anomaly.baseline_value, anomaly.threshold_value]
    found.append(evidence.sample_size)
    for window in evidence.windows:
        found += (window.requests, window.errors, window.latency_p95_seconds)
        found += (window.value, window.expected, window.threshold)
    for other in evidence.services:
        found += (other.requests, other.latency_p95_seconds, other.usual_latency_p95_seconds)
    for endpoint in evidence.endpoints:
        found += (endpoint.requests, endpoint.errors, endpoint.latency_p95_seconds)
    return (number for number in found if number is not None)


def _moments(anomaly: Anomaly) -> Iterator[datetime]:
    yield from (anomaly.emitted_at, anomaly.detected_at, anomaly.window_start, anomaly.window_end)
    yield from (window.window_start for window in anomaly.evidence.windows)
