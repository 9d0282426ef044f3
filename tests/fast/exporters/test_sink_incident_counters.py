"""Each anomaly, told incident and injection is counted once, whatever is read again."""

import json

from exporters.store.service_labels import MAX_SERVICES, OTHER
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.incidents import anomaly, apply, injection, summary, template
from tests.fast.exporters.traffic import messages, update

COUNTERS = "SELECT name, labels, value FROM counters WHERE name NOT LIKE 'sink%' ORDER BY ALL"


def counters(rows: Rows) -> dict[tuple[str, ...], float]:
    return {(row["name"], *json.loads(row["labels"]).values()): row["value"] for row in rows(COUNTERS)}


def test_an_anomaly_counts_once_with_the_severity_that_came_first(sink: Sink, rows: Rows) -> None:
    apply(sink, anomaly(severity="warning"), anomaly(revision=2), anomaly("b"))
    apply(sink, anomaly(revision=3, end=4), first_offset=3)
    assert counters(rows) == {
        ("anomalies_detected_total", "payments", "warning", "error_surge"): 1,
        ("anomalies_detected_total", "payments", "critical", "error_surge"): 1,
    }


def test_an_incident_counts_once_with_the_source_that_came_first(sink: Sink, rows: Rows) -> None:
    apply(sink, template(), summary(revision=2), template("j"), summary("k"))
    apply(sink, summary(revision=3), first_offset=4)
    assert counters(rows) == {("incident_summaries_total", "template"): 2, ("incident_summaries_total", "llm"): 1}


def test_an_injection_counts_once(sink: Sink, rows: Rows) -> None:
    apply(sink, injection(), injection(revision=2, end=1), injection("m", kind="traffic_drop"))
    assert counters(rows) == {
        ("injections_recorded_total", "error_surge", "payments"): 1,
        ("injections_recorded_total", "traffic_drop", "payments"): 1,
    }


def test_reading_everything_again_counts_nothing(sink: Sink, rows: Rows) -> None:
    records = (anomaly(severity="warning"), anomaly(revision=2), template(), summary(revision=2), injection())
    apply(sink, *records)
    before = counters(rows)
    apply(sink, *records)
    apply(sink, *records, cluster_id="B")
    assert counters(rows) == before


def test_services_beyond_the_limit_are_counted_together(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([update(service=f"first{number}") for number in range(MAX_SERVICES)]))
    apply(sink, anomaly("a", service="late"), anomaly("b", service="later"), anomaly("c", service="first7"))
    assert {key[1]: value for key, value in counters(rows).items()} == {OTHER: 2, "first7": 1}


def test_without_known_services_names_are_limited_too(sink: Sink, rows: Rows) -> None:
    apply(sink, *(injection(f"n{number}", service=f"s{number}") for number in range(MAX_SERVICES + 3)))
    assert len(counters(rows)) == MAX_SERVICES + 1
    assert counters(rows)["injections_recorded_total", "error_surge", OTHER] == 3


def test_a_service_that_was_counted_by_name_keeps_it(sink: Sink, rows: Rows) -> None:
    apply(sink, anomaly("a"))
    sink.apply("A", messages([update(service=f"first{number}") for number in range(MAX_SERVICES)]))
    apply(sink, anomaly("b"), anomaly("c", service="late"), first_offset=1)
    assert {key[1]: value for key, value in counters(rows).items()} == {"payments": 2, OTHER: 1}
