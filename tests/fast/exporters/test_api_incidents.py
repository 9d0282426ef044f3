"""/api/v1/incidents: one row per incident, complete, in the order that was asked for."""

import pytest

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import HOSTILE, anomaly, apply, at, summary, template
from tests.fast.exporters.traffic import MINUTE, START

PATH = "/api/v1/incidents"
MS = 60_000


@pytest.fixture(autouse=True)
def an_hour_later(web: Web) -> None:
    web.now = START + 60 * MINUTE


def ids(web: Web, query: str = "") -> list[str]:
    return [row["incident_id"] for row in web.get(f"{PATH}?{query}")]


def test_a_row_has_every_key(web: Web, sink: Sink) -> None:
    spike = {"anomaly_type": "latency_spike", "severity": "warning", "metric_name": "latency_p95_seconds"}
    apply(sink, anomaly("b", 2, end=9, endpoint="/api/charge", service="search", **spike), anomaly("a", end=5))
    apply(sink, template(), summary(revision=3))
    (row,) = web.get(PATH)
    report = row.pop("report_markdown")
    assert report.startswith("### payments fails 36 \\% of requests\n\n")
    assert row == {
        "incident_id": "i", "state": "resolved", "severity": "critical", "service": "payments",
        "services": "payments, search", "endpoints": "/api/charge", "types": "error surge, latency spike",
        "started_at": at(0), "ended_at": at(9), "duration_seconds": 540, "detection_delay_seconds": 71,
        "anomaly_count": 2, "headline": "payments fails 36 % of requests",
        "summary": "Errors rose from 0.19 % to 35.5 %.", "impact": "About 895 failed payments per minute.",
        "most_affected": "/api/charge (58 % errors), /api/refund (21 % errors)",
        "hypothesis": "A dependency of /api/charge times out.", "check_first": "The last deployment; Time-outs",
        "confidence": "high", "source": "llm", "grounded": "grounded", "model": "llama3.1:8b", "revision": 3,
        "generation_seconds": 32, "link_from": at(-20), "link_to": at(24),
    }  # fmt: skip


def test_before_anything_was_written_the_facts_stand_in(web: Web, sink: Sink) -> None:
    apply(sink, anomaly())
    (row,) = web.get(PATH)
    assert row["headline"] == "payments: error surge"
    assert (row["revision"], row["generation_seconds"]) == (0, 0)
    texts = (
        "summary",
        "impact",
        "most_affected",
        "hypothesis",
        "check_first",
        "confidence",
        "source",
        "grounded",
        "model",
    )
    assert {row[name] for name in texts} == {""}
    assert row["report_markdown"].startswith("### payments\\: error surge\n\n")


def test_an_open_incident_ends_now(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", end=5), anomaly("b", 1))
    (row,) = web.get(PATH)
    assert (row["state"], row["ended_at"], row["link_to"]) == ("open", at(60), at(60))
    assert web.get(f"{PATH}?to={at(90)}")[0]["ended_at"] == at(60)


def test_a_link_leads_no_further_than_now(web: Web, sink: Sink) -> None:
    web.now = START + 7 * MINUTE
    apply(sink, anomaly(end=5))
    assert web.get(PATH)[0]["link_to"] == at(7)


def test_incidents_come_newest_first_up_to_the_limit(web: Web, sink: Sink) -> None:
    apply(
        sink, *(anomaly(name, start, start + 1, incident_id=name) for name, start in (("b", 20), ("a", 10), ("c", 30)))
    )
    assert ids(web) == ["c", "b", "a"]
    assert ids(web, "limit=2") == ["c", "b"]


def test_open_ones_come_worst_first_then_the_oldest(web: Web, sink: Sink) -> None:
    apply(
        sink,
        anomaly("a", 1, incident_id="old warning", severity="warning"),
        anomaly("b", 3, incident_id="young critical"),
        anomaly("c", 2, incident_id="critical"),
        anomaly("d", 0, end=9, incident_id="resolved"),
    )
    assert ids(web, "state=open") == ["critical", "young critical", "old warning"]
    assert ids(web, "state=resolved") == ["resolved"]


def test_a_service_or_endpoint_finds_every_incident_that_touched_it(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a"), anomaly("b", 2, service="search", endpoint="/find"), anomaly("c", incident_id="j"))
    assert ids(web, "service=search") == ["i"]
    assert ids(web, "service=(payments|nobody)") == ["i", "j"]
    assert ids(web, "service=nobody") == []
    apply(sink, anomaly("d", 5, incident_id="k", endpoint="/pay"), first_offset=3)
    assert ids(web, "endpoint=/find") == ["i", "j"]


def test_a_severity_is_that_of_the_worst_anomaly(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", severity="warning"), anomaly("b"), anomaly("c", severity="warning", incident_id="j"))
    assert ids(web, "severity=critical") == ["i"]
    assert ids(web, "severity=warning") == ["j"]
    assert ids(web, "severity=critical,warning") == ids(web, "severity=$__all") == ["i", "j"]


def test_an_incident_is_in_range_when_it_overlaps(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(start=10, end=15))
    assert ids(web, f"from={at(15)}&to={at(20)}") == ids(web, f"from={at(0)}&to={at(10)}") == ["i"]
    assert ids(web, f"from={at(15) + 1}") == ids(web, f"to={at(10) - 1}") == []


def test_a_chosen_incident_is_found_whatever_the_range(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", 10, 15), anomaly("b", 30, 35, incident_id="j"))
    range_elsewhere = f"from={at(50)}&to={at(55)}"
    assert ids(web, f"incident=i&{range_elsewhere}") == ["i"]
    assert ids(web, f"incident=i,j&{range_elsewhere}") == ["j", "i"]
    assert ids(web, "incident=") == []
    assert ids(web, "incident=nobody") == []


def test_hostile_text_arrives_as_data(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(incident_id=HOSTILE[:64]), summary(HOSTILE[:64], headline=HOSTILE, hypothesis=HOSTILE))
    (row,) = web.get(PATH)
    assert (row["incident_id"], row["headline"], row["hypothesis"]) == (HOSTILE[:64], HOSTILE, HOSTILE)
