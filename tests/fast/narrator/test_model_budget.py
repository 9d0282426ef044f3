"""Which incident the model is asked about first, and how often it is asked."""

from datetime import timedelta

from contracts.anomalies import Anomaly, Severity
from narrator.budget import CallBudget
from tests.fast.narrator.evidence import DETECTED, anomaly
from tests.fast.narrator.rig import Desk, text


def incident(name: str, severity: Severity, seconds: int) -> Anomaly:
    moment = DETECTED + timedelta(seconds=seconds)
    return anomaly(incident_id=name, severity=severity, emitted_at=moment, detected_at=moment)


def test_the_most_severe_comes_first_then_the_newest() -> None:
    desk = Desk()
    desk.tell(
        incident("mild-new", Severity.WARNING, 40),
        incident("grave-old", Severity.CRITICAL, 10),
        incident("grave-new", Severity.CRITICAL, 20),
        incident("mild-old", Severity.WARNING, 30),
    )
    asked = []
    for _ in range(4):
        question = desk.asked()
        asked.append(question.incident_id)
        desk.answered(text(question))
    assert asked == ["grave-new", "grave-old", "mild-new", "mild-old"]


def test_an_incident_that_got_worse_is_asked_about_first() -> None:
    desk = Desk()
    mild = incident("worse", Severity.WARNING, 0)
    desk.tell(mild, incident("mild", Severity.WARNING, 50))
    desk.tell(mild.model_copy(update={"revision": 2, "severity": Severity.CRITICAL}))
    assert desk.asked().incident_id == "worse"


def test_calls_are_limited_in_any_minute_and_templates_are_not() -> None:
    desk = Desk(calls_per_minute=5)
    told = desk.tell(*[incident(f"incident-{number}", Severity.CRITICAL, number) for number in range(20)])
    assert len(told) == 20
    for _ in range(5):
        desk.answered(text(desk.asked()))
        desk.clock.seconds += 2
    assert desk.narrator.next_question() is None
    assert desk.narrator.waiting == 15
    desk.clock.seconds = 59.9
    assert desk.narrator.next_question() is None
    desk.clock.seconds = 60.0
    assert desk.narrator.next_question() is not None
    assert desk.narrator.next_question() is None


def test_no_minute_has_more_calls_than_allowed_over_an_hour() -> None:
    budget, starts = CallBudget(5), []
    for second in range(3600):
        if second % 7 == 0 and budget.allows(second):
            budget.spend(second)
            starts.append(second)
    assert max(sum(start <= other < start + 60 for other in starts) for start in starts) == 5
    assert len(starts) > 250


def test_a_new_cluster_does_not_renew_the_budget() -> None:
    desk = Desk(calls_per_minute=1)
    desk.tell(incident("first", Severity.CRITICAL, 0))
    desk.asked()
    desk.narrator.start_afresh()
    desk.tell(incident("second", Severity.CRITICAL, 0))
    assert desk.narrator.next_question() is None
