"""/api/v1/injections and /api/v1/detection-score: what was true, beside what was found."""

import pytest

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, at, injection, reach, summary
from tests.fast.exporters.traffic import MINUTE, START, batch_end, messages

INJECTIONS, SCORE = "/api/v1/injections", "/api/v1/detection-score"


@pytest.fixture(autouse=True)
def an_hour_later(web: Web, sink: Sink) -> None:
    web.now = START + 60 * MINUTE
    reach(sink, 60)


def outcomes(web: Web) -> dict[str, str]:
    return {row["injection_id"]: row["outcome"] for row in web.get(INJECTIONS)}


def test_a_row_has_every_key(web: Web, sink: Sink) -> None:
    apply(sink, injection(start=5, end=8), anomaly(start=6, end=9), summary())
    assert web.get(INJECTIONS) == [
        {
            "injection_id": "n", "service": "payments", "kind": "error_surge", "started_at": at(5), "ended_at": at(8),
            "duration_seconds": 180, "magnitude": "errors 55.0 %", "outcome": "detected",
            "detection_delay_seconds": 131, "incident_id": "i", "link_from": at(-15), "link_to": at(23),
            "note": "payments fails 36 % of requests",
        }
    ]  # fmt: skip


def test_a_missed_one_has_no_delay_and_no_incident(web: Web, sink: Sink) -> None:
    apply(sink, injection())
    (row,) = web.get(INJECTIONS)
    assert [row[name] for name in ("outcome", "detection_delay_seconds", "incident_id", "note")] == [
        "missed",
        None,
        "",
        "",
    ]


@pytest.mark.parametrize(("start", "outcome"), [(3.9, "missed"), (4, "detected"), (10, "detected"), (10.1, "missed")])
def test_an_anomaly_counts_from_a_minute_before_to_two_after(web: Web, sink: Sink, start: float, outcome: str) -> None:
    apply(sink, injection(start=5, end=8), anomaly(start=start))
    assert outcomes(web) == {"n": outcome}


def test_any_type_counts_but_only_of_the_same_service(web: Web, sink: Sink) -> None:
    apply(sink, injection("n"), injection("m", service="search"), anomaly(anomaly_type="traffic_drop"))
    assert outcomes(web) == {"n": "detected", "m": "missed"}


def test_what_still_runs_is_not_missed_yet(web: Web, sink: Sink) -> None:
    apply(sink, injection(start=59, end=63))
    (row,) = web.get(INJECTIONS)
    assert (row["outcome"], row["ended_at"], row["link_to"]) == ("running", at(60), at(60))


@pytest.mark.parametrize(("end", "outcome"), [(54, "missed"), (54.1, "pending"), (59.9, "pending"), (60.1, "running")])
def test_a_fault_is_missed_when_it_can_no_longer_be_found(web: Web, sink: Sink, end: float, outcome: str) -> None:
    apply(sink, injection(start=50, end=end))
    assert outcomes(web) == {"n": outcome}


def test_a_pipeline_that_stands_still_misses_nothing(web: Web, sink: Sink) -> None:
    web.now = START + 600 * MINUTE
    apply(sink, injection(start=55, end=58))
    asked = f"?from={at(0)}"
    assert web.get(INJECTIONS + asked)[0]["outcome"] == "pending"
    assert (web.get(SCORE + asked)[0]["missed"], web.get(SCORE + asked)[0]["recall"]) == (0, None)
    reach(sink, 64, offset=1)
    assert web.get(INJECTIONS + asked)[0]["outcome"] == "missed"


def test_looking_at_the_past_a_fault_was_not_missed_yet(web: Web, sink: Sink) -> None:
    apply(sink, injection(start=10, end=20))
    asked = (f"{INJECTIONS}?from={at(0)}&to={at(to)}" for to in (15, 25, 26))
    assert [web.get(path)[0]["outcome"] for path in asked] == ["running", "pending", "missed"]


def test_a_wiped_broker_does_not_turn_stream_time_back(web: Web, sink: Sink) -> None:
    apply(sink, injection(start=10, end=20))
    sink.apply("B", messages([batch_end(max_event_time=START)]))
    assert outcomes(web) == {"n": "missed"}


@pytest.mark.parametrize(("start", "outcome"), [(11, "detected"), (11.1, "missed")])
def test_a_fault_that_returns_within_three_minutes_is_the_same(
    web: Web, sink: Sink, start: float, outcome: str
) -> None:
    apply(sink, injection(start=5, end=8), injection("m", start, start + 3), anomaly(start=5, end=14))
    assert outcomes(web) == {"m": outcome, "n": "detected"}


def test_faults_that_are_one_are_found_together(web: Web, sink: Sink) -> None:
    apply(sink, injection(start=1, end=4), injection("m", 6, 9), injection("o", 11, 14), anomaly(start=12))
    assert outcomes(web) == {"o": "detected", "m": "detected", "n": "detected"}


def test_faults_that_are_one_are_missed_together(web: Web, sink: Sink) -> None:
    apply(sink, injection(start=46, end=50), injection("m", 52, 56), injection("o", 46, 50, kind="traffic_drop"))
    assert outcomes(web) == {"m": "pending", "n": "pending", "o": "missed"}


def test_the_first_detection_counts_and_is_never_before_the_fault(web: Web, sink: Sink) -> None:
    early = {"detected_at": START + 4.5 * MINUTE, "incident_id": "first"}
    apply(sink, injection(start=5, end=8), anomaly("a", 6), anomaly("b", 4, None, **early))
    (row,) = web.get(INJECTIONS)
    assert (row["incident_id"], row["detection_delay_seconds"]) == ("first", 0)


def test_rows_are_selected_by_service_time_and_incident(web: Web, sink: Sink) -> None:
    apply(sink, injection("n", 0, 3), injection("m", 10, 13, service="search"), anomaly())
    assert list(outcomes(web)) == ["m", "n"]
    assert [row["injection_id"] for row in web.get(f"{INJECTIONS}?service=search")] == ["m"]
    assert [row["injection_id"] for row in web.get(f"{INJECTIONS}?to={at(9)}")] == ["n"]
    assert [row["injection_id"] for row in web.get(f"{INJECTIONS}?incident=i&from={at(50)}")] == ["n"]
    assert web.get(f"{INJECTIONS}?incident=") == []


def test_the_score_is_one_row(web: Web, sink: Sink) -> None:
    injections = [injection("n", 0, 3), injection("m", 20, 23), injection("o", 40, 43), injection("p", 59, 65)]
    false_ones = [anomaly("x", 30, 31, incident_id="false"), anomaly("y", 30, 32, incident_id="false")]
    apply(sink, *injections, anomaly("a", 0, 4), anomaly("b", 21, 24, incident_id="j"), *false_ones)
    assert web.get(SCORE) == [
        {
            "injected": 4, "detected": 2, "missed": 1, "false_alarms": 1, "recall": pytest.approx(2 / 3),
            "precision": pytest.approx(2 / 3), "median_delay_seconds": 101,
        }
    ]  # fmt: skip


def test_without_injections_there_is_no_score(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(), injection(start=50, end=53))
    assert web.get(f"{SCORE}?to={at(10)}") == web.get(f"{SCORE}?service=search") == []


def test_before_anything_is_decided_there_is_no_recall_and_no_precision(web: Web, sink: Sink) -> None:
    apply(sink, injection(start=50, end=70))
    (row,) = web.get(SCORE)
    assert (row["recall"], row["precision"], row["median_delay_seconds"]) == (None, None, None)


@pytest.mark.parametrize(
    ("start", "end", "false_alarms"), [(0, 4, 0), (0, 3.9, 1), (10, 12, 0), (10.1, 12, 1), (1, 30, 0)]
)
def test_an_anomaly_that_overlaps_a_fault_is_no_false_alarm(
    web: Web, sink: Sink, start: float, end: float, false_alarms: int
) -> None:
    apply(sink, injection(start=5, end=8), anomaly(start=start, end=end))
    assert web.get(SCORE)[0]["false_alarms"] == false_alarms


def test_an_alarm_of_another_service_is_false(web: Web, sink: Sink) -> None:
    apply(sink, injection(), anomaly("a"), anomaly("b", service="search"))
    assert web.get(SCORE)[0]["false_alarms"] == 1
    assert web.get(f"{SCORE}?service=payments")[0]["false_alarms"] == 0


def test_a_fault_before_the_range_explains_an_alarm_within_it(web: Web, sink: Sink) -> None:
    apply(sink, injection("n", 0, 10), injection("m", 30, 33), anomaly(start=11, end=20))
    assert web.get(f"{SCORE}?from={at(15)}")[0]["false_alarms"] == 0
