"""When an incident is told by the template, by the model, and when again."""

from datetime import timedelta

import pytest

from contracts.anomalies import AnomalyType, Severity
from contracts.summaries import Grounding
from contracts.topics import INCIDENT_SUMMARIES
from narrator.budget import MAX_ATTEMPTS, PAUSES_SECONDS
from narrator.model import Failure
from narrator.narrator import ASK_FOR, SILENCE_SECONDS
from tests.fast.narrator.evidence import DETECTED, MINUTE, ONSET, anomaly
from tests.fast.narrator.rig import Desk, failure, text

FIRST = anomaly()
SECOND = anomaly(AnomalyType.LATENCY_SPIKE, service="checkout")


def test_the_template_comes_at_once_and_the_model_after_it() -> None:
    desk = Desk()
    (first,) = desk.tell(FIRST)
    assert (first.revision, first.source, first.grounded, first.model) == (1, "template", Grounding.TEMPLATE, "")
    assert (first.emitted_at, first.anomaly_ids) == (desk.clock.now(), (FIRST.anomaly_id,))
    (second,) = desk.answered(text(desk.asked()))
    assert (second.revision, second.source, second.grounded) == (2, "llm", Grounding.GROUNDED)
    assert (second.model, second.generation_seconds) == ("phi4-mini", 2.5)
    assert second.headline != first.headline
    assert desk.narrator.waiting == 0


def test_news_of_the_same_anomaly_is_no_new_text() -> None:
    desk = Desk()
    worse = FIRST.model_copy(update={"revision": 2, "severity": Severity.CRITICAL, "metric_value": 0.9})
    over = worse.model_copy(update={"revision": 3, "resolved": True, "resolved_at": ONSET + 3 * MINUTE})
    assert len(desk.tell(FIRST)) == 1
    assert desk.tell(worse, over, FIRST) == []


def test_several_anomalies_that_arrive_together_are_told_together() -> None:
    (summary,) = Desk().tell(FIRST, SECOND)
    assert summary.revision == 1
    assert set(summary.anomaly_ids) == {FIRST.anomaly_id, SECOND.anomaly_id}


def test_the_newest_revision_is_told_in_whatever_order_they_come() -> None:
    newer = FIRST.model_copy(update={"revision": 2, "metric_value": 0.5})
    (summary,) = Desk().tell(newer, FIRST)
    assert summary.headline.startswith("payments: 50 %")


def test_a_new_member_renews_the_template_while_there_is_no_text_of_the_model() -> None:
    desk = Desk()
    desk.tell(FIRST)
    (second,) = desk.tell(SECOND)
    assert (second.revision, second.source, len(second.anomaly_ids)) == (2, "template", 2)


def test_a_new_member_leaves_a_text_of_the_model_until_its_next() -> None:
    desk = Desk()
    desk.tell(FIRST)
    desk.answered(text(desk.asked()))
    assert desk.tell(SECOND) == []
    assert desk.narrator.waiting == 1
    (third,) = desk.answered(text(desk.asked()))
    assert (third.revision, third.source, len(third.anomaly_ids)) == (3, "llm", 2)


def test_silence_about_a_new_member_does_not_last() -> None:
    desk = Desk()
    desk.tell(FIRST)
    desk.answered(text(desk.asked()))
    desk.tell(SECOND)
    question = desk.asked()
    desk.clock.seconds += SILENCE_SECONDS - 1
    assert desk.narrator.due() == []
    desk.clock.seconds += 1
    (third,) = desk.narrator.due()
    assert (third.revision, third.source, third.grounded, len(third.anomaly_ids)) == (
        3, "template", Grounding.TEMPLATE, 2,
    )  # fmt: skip
    (fourth,) = desk.answered(text(question))
    assert (fourth.revision, fourth.source) == (4, "llm")


def test_a_new_member_is_told_by_the_template_when_the_model_is_used_up() -> None:
    desk = Desk()
    desk.tell(FIRST)
    desk.answered(text(desk.asked()))
    desk.tell(SECOND)
    for reason, pause in zip((Failure.UNREACHABLE, Failure.UNGROUNDED), PAUSES_SECONDS, strict=True):
        assert desk.answered(failure(desk.asked(), reason)) == []
        desk.clock.seconds += pause
    (third,) = desk.answered(failure(desk.asked(), Failure.TIMEOUT))
    assert desk.clock.seconds < SILENCE_SECONDS
    assert (third.source, third.grounded, third.model) == ("template", Grounding.REJECTED, "phi4-mini")
    assert desk.narrator.due() == []


def test_an_answer_about_fewer_members_than_were_told_is_dropped() -> None:
    desk = Desk()
    desk.tell(FIRST)
    question = desk.asked()
    desk.tell(SECOND)
    assert desk.answered(text(question)) == []
    (third,) = desk.answered(text(desk.asked()))
    assert (third.source, len(third.anomaly_ids)) == ("llm", 2)


def test_a_failure_about_fewer_members_uses_up_no_attempt_for_more() -> None:
    desk = Desk(calls_per_minute=60)
    desk.tell(FIRST)
    question = desk.asked()
    desk.tell(SECOND)
    desk.answered(failure(question, Failure.UNGROUNDED))
    desk.fail(*[Failure.UNREACHABLE] * MAX_ATTEMPTS)
    assert desk.narrator.next_question() is None
    assert desk.narrator.due() == []


def test_attempts_are_few_with_growing_pauses() -> None:
    desk = Desk(calls_per_minute=60)
    desk.tell(FIRST)
    for pause in PAUSES_SECONDS:
        desk.answered(failure(desk.asked(), Failure.UNREACHABLE))
        desk.clock.seconds += pause - 1
        assert desk.narrator.next_question() is None
        assert desk.narrator.waiting == 1
        desk.clock.seconds += 1
    desk.answered(failure(desk.asked(), Failure.UNREACHABLE))
    desk.clock.seconds += 1000
    assert desk.narrator.next_question() is None
    assert desk.narrator.waiting == 0
    assert PAUSES_SECONDS[0] < PAUSES_SECONDS[1]


@pytest.mark.parametrize("refusal", [Failure.UNGROUNDED, Failure.INVALID_ANSWER])
def test_a_refused_text_is_admitted_once_the_attempts_are_used_up(refusal: Failure) -> None:
    desk = Desk()
    (first,) = desk.tell(FIRST)
    (second,) = desk.fail(refusal, Failure.TIMEOUT, Failure.TIMEOUT)
    assert (second.revision, second.source, second.grounded) == (2, "template", Grounding.REJECTED)
    assert (second.model, second.headline) == ("phi4-mini", first.headline)
    assert desk.narrator.due() == []
    assert desk.narrator.waiting == 0


def test_a_model_that_never_answered_is_not_blamed() -> None:
    desk = Desk()
    desk.tell(FIRST)
    assert desk.fail(Failure.UNREACHABLE, Failure.BUSY, Failure.TIMEOUT) == []


def test_a_refusal_is_admitted_when_the_incident_gets_too_old_to_ask_again() -> None:
    desk = Desk()
    desk.tell(FIRST)
    desk.answered(failure(desk.asked(), Failure.UNGROUNDED))
    desk.clock.seconds += ASK_FOR.total_seconds()
    (second,) = desk.narrator.due()
    assert second.grounded is Grounding.REJECTED
    assert desk.narrator.unsettled == 0


def test_the_reasons_of_a_refusal_are_in_the_next_question() -> None:
    desk = Desk()
    desk.tell(FIRST)
    desk.answered(failure(desk.asked(), Failure.UNGROUNDED))
    desk.clock.seconds += PAUSES_SECONDS[0]
    assert '["problem"]' in desk.asked().prompt.user


@pytest.mark.parametrize("old", ["emitted_at", "detected_at"])
def test_the_model_is_not_asked_about_what_is_old(old: str) -> None:
    desk = Desk()
    desk.clock.seconds = ASK_FOR.total_seconds() * 2
    recent = {"emitted_at": desk.clock.now(), "detected_at": desk.clock.now()}
    (summary,) = desk.tell(FIRST.model_copy(update=recent | {old: DETECTED}))
    assert summary.source == "template"
    assert desk.narrator.next_question() is None
    assert desk.narrator.waiting == 0


def test_an_incident_that_got_old_is_told_by_the_template_when_a_member_joins() -> None:
    desk = Desk()
    desk.tell(FIRST)
    desk.answered(text(desk.asked()))
    desk.clock.seconds += ASK_FOR.total_seconds() + 1
    (third,) = desk.tell(SECOND)
    assert (third.source, third.revision, len(third.anomaly_ids)) == ("template", 3, 2)


def test_what_is_older_than_summaries_are_kept_is_not_told_again() -> None:
    desk = Desk()
    desk.clock.seconds = (INCIDENT_SUMMARIES.retention + timedelta(minutes=1)).total_seconds()
    assert desk.tell(FIRST) == []
    assert desk.narrator.unsettled == 0


def test_without_a_model_nothing_is_asked() -> None:
    desk = Desk(model=None)
    assert [summary.revision for summary in desk.tell(FIRST)] == [1]
    assert [summary.revision for summary in desk.tell(SECOND)] == [2]
    assert desk.narrator.next_question() is None
    assert desk.narrator.waiting == 0
