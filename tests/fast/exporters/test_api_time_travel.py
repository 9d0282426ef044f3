"""Looking at the past: what was open at the end of the range is open, and ends there."""

import pytest

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, at, injection
from tests.fast.exporters.traffic import MINUTE, START

OPEN = "/api/v1/{}?state=open&from={}&to={}"


@pytest.fixture(autouse=True)
def a_resolved_incident(web: Web, sink: Sink) -> None:
    web.now = START + 60 * MINUTE
    apply(sink, anomaly(start=10, end=20), injection(start=10, end=20))


@pytest.mark.parametrize("what", ["incidents", "anomalies"])
def test_it_was_open_while_it_lasted(web: Web, what: str) -> None:
    (row,) = web.get(OPEN.format(what, at(0), at(15)))
    assert (row["state"], row["ended_at"], row["duration_seconds"]) == ("open", at(15), 300)


@pytest.mark.parametrize("what", ["incidents", "anomalies"])
@pytest.mark.parametrize("to", [9, 20, 30])
def test_it_was_not_open_before_and_after(web: Web, what: str, to: int) -> None:
    assert web.get(OPEN.format(what, at(0), at(to))) == []


def test_without_a_state_the_row_is_as_it_was_then(web: Web) -> None:
    states = [web.get(f"/api/v1/incidents?from={at(0)}&to={at(to)}")[0]["state"] for to in (15, 20, 30)]
    assert states == ["open", "resolved", "resolved"]


def test_a_chosen_incident_that_began_later_is_as_it_is_now(web: Web) -> None:
    (row,) = web.get(f"/api/v1/incidents?incident=i&from={at(0)}&to={at(5)}")
    assert (row["state"], row["ended_at"]) == ("resolved", at(20))


def test_a_chosen_incident_that_began_later_and_is_open_ends_now(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("b", 30, incident_id="j"), first_offset=1)
    (row,) = web.get(f"/api/v1/incidents?incident=j&from={at(0)}&to={at(5)}")
    assert (row["state"], row["ended_at"]) == ("open", at(60))


def test_a_range_that_ends_later_than_now_changes_nothing(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("b", 30, incident_id="j"), first_offset=1)
    (row,) = web.get(OPEN.format("incidents", at(0), at(100)))
    assert (row["incident_id"], row["ended_at"]) == ("j", at(60))


def test_an_anomaly_from_a_clock_that_is_ahead_has_no_negative_duration(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("b", 61, incident_id="j"), first_offset=1)
    (row,) = web.get("/api/v1/incidents?state=open")
    assert (row["started_at"], row["ended_at"], row["duration_seconds"]) == (at(61), at(61), 0)


def test_an_injection_was_running_while_it_lasted(web: Web) -> None:
    (row,) = web.get(f"/api/v1/injections?from={at(0)}&to={at(15)}")
    assert (row["ended_at"], row["duration_seconds"]) == (at(15), 300)
