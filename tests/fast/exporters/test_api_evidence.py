"""/api/v1/evidence and /api/v1/summaries: what an incident rests on, and every version of its account."""

import pytest

from contracts.anomalies import Evidence
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, at, summary, template, window
from tests.fast.exporters.traffic import MINUTE, START

EVIDENCE, SUMMARIES = "/api/v1/evidence", "/api/v1/summaries"


@pytest.fixture(autouse=True)
def an_hour_later(web: Web) -> None:
    web.now = START + 60 * MINUTE


def evidence(*minutes: int) -> Evidence:
    return Evidence(rule="rule", sample_size=100, windows=tuple(window(minute) for minute in minutes))


def test_a_row_is_a_window_in_minutes_from_the_first_bad_one(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(start=3, evidence=evidence(2, 3, 4)))
    rows = web.get(f"{EVIDENCE}?incident=i")
    assert [row["minute"] for row in rows] == [-1, 0, 1]
    assert rows[0] == {
        "minute": -1, "time": at(2), "value": 0.36, "expected": 0.002, "threshold": 0.01,
        "unit": "percentunit", "metric_name": "error_ratio",
    }  # fmt: skip


def test_what_a_window_does_not_have_is_null(web: Web, sink: Sink) -> None:
    windows = (window(0, value=None), window(1, expected=None))
    apply(sink, anomaly(evidence=Evidence(rule="rule", sample_size=1, windows=windows)))
    rows = web.get(f"{EVIDENCE}?incident=i")
    assert [(row["value"], row["expected"]) for row in rows] == [(None, 0.002), (0.36, None)]


def test_the_main_anomaly_is_the_first_critical_one_of_a_whole_service(web: Web, sink: Sink) -> None:
    apply(
        sink,
        anomaly("a", 0, severity="warning", evidence=evidence(10)),
        anomaly("b", 1, endpoint="/pay", evidence=evidence(20)),
        anomaly("c", 1, evidence=evidence(30)),
        anomaly("d", 2, evidence=evidence(40)),
    )
    assert [row["time"] for row in web.get(f"{EVIDENCE}?incident=i")] == [at(30)]


def test_a_limit_keeps_the_oldest_windows(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(evidence=evidence(2, 0, 1)))
    assert [row["minute"] for row in web.get(f"{EVIDENCE}?incident=i&limit=2")] == [0, 1]
    assert web.get(f"{EVIDENCE}?incident=&limit=1") == []


def test_without_an_incident_the_newest_of_the_range_is_meant(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", evidence=evidence(0), end=2), anomaly("b", 9, incident_id="j", evidence=evidence(9)))
    assert [row["time"] for row in web.get(EVIDENCE)] == [at(9)]
    assert [row["time"] for row in web.get(f"{EVIDENCE}?to={at(5)}")] == [at(0)]
    assert web.get(f"{EVIDENCE}?service=nobody") == []


def test_an_anomaly_without_windows_has_no_rows(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(evidence=evidence()))
    assert web.get(f"{EVIDENCE}?incident=i") == []


def test_every_version_of_an_account_is_a_row_newest_first(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(), template(), summary(revision=2))
    newest, oldest = web.get(f"{SUMMARIES}?incident=i&from={at(50)}")
    assert newest == {
        "incident_id": "i", "revision": 2, "emitted_at": at(4), "service": "payments", "source": "llm",
        "model": "llama3.1:8b", "confidence": "high", "grounded": "grounded", "generation_seconds": 32,
        "headline": "payments fails 36 % of requests",
    }  # fmt: skip
    assert (oldest["revision"], oldest["source"], oldest["model"]) == (1, "template", "")


def test_summaries_are_selected_by_time_service_and_incident(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a"), anomaly("b", 1, service="search"), summary("i"), summary("unknown", revision=9))
    assert [row["incident_id"] for row in web.get(SUMMARIES)] == ["unknown", "i"]
    assert [row["service"] for row in web.get(SUMMARIES)] == ["", "payments"]
    assert [row["incident_id"] for row in web.get(f"{SUMMARIES}?service=search")] == ["i"]
    assert web.get(f"{SUMMARIES}?incident=") == web.get(f"{SUMMARIES}?to={at(1)}") == []
