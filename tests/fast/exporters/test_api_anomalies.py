"""/api/v1/anomalies: one row per anomaly, with numbers and the same numbers as people write them."""

import pytest

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, at
from tests.fast.exporters.traffic import MINUTE, START

PATH = "/api/v1/anomalies"


@pytest.fixture(autouse=True)
def an_hour_later(web: Web) -> None:
    web.now = START + 60 * MINUTE


def ids(web: Web, query: str = "") -> list[str]:
    return [row["anomaly_id"] for row in web.get(f"{PATH}?{query}")]


def test_a_row_has_every_key(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(end=5))
    (row,) = web.get(PATH)
    assert row == {
        "anomaly_id": "a", "incident_id": "i", "severity": "critical", "state": "resolved", "service": "payments",
        "endpoint": "(whole service)", "anomaly_type": "error_surge", "metric_name": "error_ratio",
        "metric_value": 0.355, "baseline_value": 0.0019, "threshold_value": 0.0116,
        "value_text": "35.5 %", "baseline_text": "0.19 %", "threshold_text": "1.16 %",
        "deviation": pytest.approx(0.355 / 0.0019), "started_at": at(0), "ended_at": at(5),
        "detected_at": at(0) + 71_000, "duration_seconds": 300,
        "description": "the error ratio is more than 3 times the usual",
    }  # fmt: skip


def test_without_a_baseline_there_is_no_number_for_it(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(baseline_value=None))
    (row,) = web.get(PATH)
    assert (row["baseline_value"], row["baseline_text"], row["deviation"]) == (None, "unknown", None)


@pytest.mark.parametrize("baseline", [0.0, 1e-320])
def test_no_number_says_how_much_more_than_nothing_it_is(web: Web, sink: Sink, baseline: float) -> None:
    apply(sink, anomaly(baseline_value=baseline))
    assert web.get(PATH)[0]["deviation"] is None


def test_absurd_numbers_are_still_json(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(metric_value=1e12, baseline_value=-1e12, threshold_value=5e-324))
    (row,) = web.get(PATH)
    assert (row["value_text"], row["threshold_text"], row["deviation"]) == ("1e+14 %", "4.94e-322 %", -1)


def test_an_open_anomaly_ends_now(web: Web, sink: Sink) -> None:
    apply(sink, anomaly())
    (row,) = web.get(PATH)
    assert (row["state"], row["ended_at"], row["duration_seconds"]) == ("open", at(60), 3600)


def test_critical_ones_come_first_then_the_newest(web: Web, sink: Sink) -> None:
    apply(
        sink, anomaly("a", 1), anomaly("b", 9, severity="warning"), anomaly("c", 5), anomaly("d", 7, severity="warning")
    )
    assert ids(web) == ["c", "a", "b", "d"]
    assert ids(web, "limit=1") == ["c"]


def test_an_endpoint_keeps_the_anomalies_of_the_whole_service(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a"), anomaly("b", endpoint="/pay"), anomaly("c", endpoint="/find"))
    assert ids(web, "endpoint=/pay") == ["a", "b"]
    assert ids(web, "endpoint=$__all") == ["a", "b", "c"]


def test_names_and_states_select(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a"), anomaly("b", service="search", end=2), anomaly("c", severity="warning", incident_id="j"))
    assert ids(web, "service={payments,search}&severity=critical") == ["a", "b"]
    assert ids(web, "service=search") == ids(web, "state=resolved") == ["b"]
    assert ids(web, "incident=j") == ["c"]
    assert ids(web, "incident=") == []


def test_an_anomaly_is_in_range_when_it_overlaps(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(start=10, end=15))
    assert ids(web, f"from={at(15)}") == ids(web, f"to={at(10)}") == ["a"]
    assert ids(web, f"from={at(15) + 1}") == ids(web, f"to={at(10) - 1}") == []
