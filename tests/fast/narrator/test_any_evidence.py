"""Whatever evidence comes within the bounds of a record, it is told within the limits; nothing raises."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.anomalies import (
    MAX_EVIDENCE_ENDPOINTS,
    MAX_EVIDENCE_SERVICES,
    MAX_EVIDENCE_WINDOWS,
    Anomaly,
    AnomalyType,
    Evidence,
    EvidenceEndpoint,
    EvidenceService,
    EvidenceWindow,
    MetricName,
    Severity,
)
from contracts.summaries import IncidentSummary
from contracts.topics import ANOMALIES
from narrator.facts import facts_of
from narrator.grounding import MAX_PROBLEMS, problems
from narrator.prompt import MAX_TOKENS, compose, estimated_tokens
from narrator.reading import LARGEST_NUMBER, read_record
from narrator.template import account
from tests.fast.narrator.evidence import anomaly
from tests.fast.narrator.rig import Desk

NUMBERS = st.floats(-LARGEST_NUMBER, LARGEST_NUMBER) | st.floats(0, 1)
COUNTS = st.integers(0, 1000) | st.integers(0, int(LARGEST_NUMBER))
SECONDS = st.none() | st.floats(0, 10) | st.floats(0, LARGEST_NUMBER)
RATIOS = st.none() | st.floats(0, 1)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(8999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def many(fields: dict[str, st.SearchStrategy[Any]], most: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(fields), max_size=most)


WINDOWS = many(
    {
        "window_start": MOMENTS,
        "requests": COUNTS,
        "errors": COUNTS,
        "latency_p95_seconds": SECONDS,
        **dict.fromkeys(("value", "expected", "threshold"), st.none() | NUMBERS),
    },
    MAX_EVIDENCE_WINDOWS,
)
SERVICES = many(
    {
        "service": NAMES,
        "requests": COUNTS,
        "error_ratio": RATIOS,
        "usual_error_ratio": RATIOS,
        "latency_p95_seconds": SECONDS,
        "usual_latency_p95_seconds": SECONDS,
    },
    MAX_EVIDENCE_SERVICES,
)
ENDPOINTS = many(
    {"endpoint": NAMES, "requests": COUNTS, "errors": COUNTS, "latency_p95_seconds": SECONDS}, MAX_EVIDENCE_ENDPOINTS
)
FIELDS = st.fixed_dictionaries(
    {
        "service": NAMES,
        "endpoint": NAMES,
        "anomaly_type": st.sampled_from([kind.value for kind in AnomalyType]),
        "severity": st.sampled_from([severity.value for severity in Severity]),
        "metric_name": st.sampled_from([metric.value for metric in MetricName]),
        "metric_value": NUMBERS,
        "baseline_value": st.none() | NUMBERS,
        "threshold_value": NUMBERS,
        "evidence": st.fixed_dictionaries(
            {
                "rule": NAMES,
                "sample_size": COUNTS,
                "windows": WINDOWS,
                "services": SERVICES,
                "endpoints": ENDPOINTS,
            }
        ),
    }
)


def built(fields: dict[str, Any]) -> Anomaly:
    evidence = fields["evidence"]
    parts = {
        "windows": tuple(EvidenceWindow(**one) for one in evidence["windows"]),
        "services": tuple(EvidenceService(**one) for one in evidence["services"]),
        "endpoints": tuple(EvidenceEndpoint(**one) for one in evidence["endpoints"]),
    }
    whole = {**fields, "evidence": Evidence(**{**evidence, **parts})}
    return Anomaly.model_validate({**anomaly().model_dump(), **whole}, strict=False)


@settings(max_examples=150, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=3))
def test_any_evidence_is_told_within_the_limits(members: list[dict[str, Any]]) -> None:
    desk = Desk()
    for number, fields in enumerate(members):
        one = built(fields).model_copy(update={"anomaly_id": str(number)})
        desk.narrator.read(read_record(ANOMALIES.name, one.encode()))
    (summary,) = desk.narrator.due()
    assert IncidentSummary.decode(summary.encode()) == summary
    assert len(summary.anomaly_ids) == len(members)
    assert estimated_tokens(desk.asked().prompt) <= MAX_TOKENS


@settings(max_examples=150, deadline=None)
@given(FIELDS, st.text(max_size=200))
def test_any_text_can_be_checked_against_any_evidence(fields: dict[str, Any], text: str) -> None:
    told = replace(account([built(fields)]), summary=text, most_affected=(text,))
    found = problems(told, facts_of(compose([built(fields)], [text]).shown))
    assert len(found) <= MAX_PROBLEMS
