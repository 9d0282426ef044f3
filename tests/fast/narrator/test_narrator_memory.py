"""What the narrator keeps is bounded, whatever happens and however long."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.anomalies import Anomaly, AnomalyType, Severity
from contracts.records import Record
from contracts.summaries import IncidentSummary
from narrator import incidents as bounds
from narrator.incidents import Incidents
from narrator.model import Failure
from narrator.narrator import ASK_FOR
from tests.fast.narrator.evidence import DETECTED, MINUTE, ONSET, anomaly
from tests.fast.narrator.rig import Desk, failure, text

WEEK_MINUTES = 7 * 24 * 60


def at(minute: int, name: str, **changes: Any) -> Anomaly:  # noqa: ANN401 - fields of the record
    moment = DETECTED + minute * MINUTE
    times = {"emitted_at": moment, "detected_at": moment, "window_start": ONSET + minute * MINUTE}
    return anomaly(incident_id=name, window_end=ONSET + (minute + 1) * MINUTE, **(times | changes))


def test_a_week_leaves_the_state_flat() -> None:
    desk, told, sizes = Desk(), [], []
    for minute in range(0, WEEK_MINUTES, 15):
        desk.clock.seconds = minute * 60.0
        name = f"incident-{minute}"
        told += desk.tell(at(minute, name), at(minute, name, service="checkout", severity=Severity.WARNING))
        question = desk.narrator.next_question()
        if question is not None:
            fails = minute % 2 == 1
            told += desk.answered(failure(question, Failure.TIMEOUT) if fails else text(question))
        told += desk.tell(at(minute, name, revision=2))
        sizes.append((desk.narrator.unsettled, desk.narrator.incidents.in_full))
    assert len(told) > WEEK_MINUTES // 15
    assert max(unsettled for unsettled, _ in sizes) <= ASK_FOR / (15 * MINUTE) + 1
    assert max(in_full for _, in_full in sizes) <= 24 * 4 + 2
    assert desk.narrator.incidents.known == WEEK_MINUTES // 15


def test_an_incident_at_rest_keeps_its_ids_and_is_not_told_again() -> None:
    desk = Desk()
    first = at(0, "old")
    desk.tell(first)
    desk.clock.seconds = timedelta(hours=25).total_seconds()
    desk.narrator.due()
    assert desk.narrator.incidents.in_full == 0
    assert desk.tell(first) == []
    late = at(25 * 60, "old", service="checkout")
    (summary,) = desk.tell(late)
    assert summary.revision == 2
    assert set(summary.anomaly_ids) == {first.anomaly_id, late.anomaly_id}


def test_the_oldest_incidents_are_forgotten_and_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_INCIDENTS", 10)
    known = Incidents()
    old = [at(minute, f"incident-{minute}") for minute in range(30)]
    for one in old:
        assert known.add(one)
    known.tidy(DETECTED + timedelta(hours=1), in_use=())
    assert known.known == 10
    assert known.get("incident-29") is not None
    assert not known.add(old[5])
    assert known.add(at(31, "new"))


def test_what_is_in_use_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_INCIDENTS", 1)
    monkeypatch.setattr(bounds, "MAX_IN_FULL", 0)
    known = Incidents()
    for minute in range(3):
        known.add(at(minute, f"incident-{minute}"))
    known.tidy(DETECTED + timedelta(days=2), in_use={"incident-0"})
    kept = known.get("incident-0")
    assert kept is not None
    assert len(kept.anomalies()) == 1
    assert known.get("incident-1") is None


def test_a_storm_keeps_the_newest_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_IN_FULL", 5)
    known = Incidents()
    for minute in range(20):
        known.add(at(minute, f"incident-{minute}"))
    known.tidy(DETECTED + timedelta(hours=1), in_use=())
    assert known.in_full == 5
    newest = known.get("incident-19")
    assert newest is not None
    assert newest.anomalies() == [at(19, "incident-19")]


def test_an_incident_has_no_more_members_than_a_summary_can_name() -> None:
    desk = Desk(model=None)
    ids = [f"{number:04}" + "\x01" * 60 for number in range(1, bounds.MAX_MEMBERS + 50)]
    crowd = [anomaly(AnomalyType.TRAFFIC_DROP, anomaly_id=one) for one in ids]
    (summary,) = desk.tell(*crowd)
    assert len(summary.anomaly_ids) == bounds.MAX_MEMBERS
    record: Record = IncidentSummary.decode(summary.encode())
    assert record == summary
    assert desk.tell(*crowd) == []
