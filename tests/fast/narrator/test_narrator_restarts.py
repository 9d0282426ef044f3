"""Nothing is told twice: after a restart, a crash at any place, a broker that was away or replaced."""

import threading
import time

import pytest

from contracts.summaries import Grounding, IncidentSummary
from contracts.topics import ANOMALIES, INCIDENT_SUMMARIES
from narrator.model import Failure
from runtime.topic_log import BrokerUnavailableError
from tests.fast.narrator.evidence import anomaly
from tests.fast.narrator.rig import FlakyPublisher, Rig, keys

FIRST = anomaly()
SECOND = anomaly(service="checkout")
OTHER = anomaly(service="search", incident_id="other")


@pytest.fixture
def rig() -> Rig:
    FlakyPublisher.failures = 0
    return Rig()


def test_what_is_on_the_topic_at_the_start_is_told_after_all_of_it_was_read(rig: Rig) -> None:
    rig.detect(FIRST, SECOND, OTHER)
    rig.loop.step()
    assert sorted(rig.revisions()) == [("incident", 1, "template"), ("other", 1, "template")]
    assert sorted(keys(rig.cluster), key=str) == [b"incident", b"other"]


def test_a_restart_tells_nothing_twice(rig: Rig) -> None:
    rig.detect(FIRST, OTHER)
    rig.loop.step()
    rig.answer()
    rig.answer()
    told = rig.revisions()
    assert len(told) == 4
    for _ in range(3):
        rig.start()
        rig.loop.step()
        rig.loop.step()
    assert rig.revisions() == told
    assert not rig.hand.is_busy


def test_a_crash_between_template_and_text_costs_neither(rig: Rig) -> None:
    rig.detect(FIRST)
    rig.loop.step()
    assert rig.hand.is_busy
    rig.start()
    rig.loop.step()
    rig.answer()
    assert rig.revisions() == [("incident", 1, "template"), ("incident", 2, "llm")]


def test_a_member_that_joined_while_the_narrator_was_down_is_told(rig: Rig) -> None:
    rig.detect(FIRST)
    rig.loop.step()
    rig.start()
    rig.detect(SECOND)
    rig.loop.step()
    assert [(one.revision, len(one.anomaly_ids)) for one in rig.published()] == [(1, 1), (2, 2)]


def test_a_refused_text_is_not_asked_for_again_after_a_restart(rig: Rig) -> None:
    rig.detect(FIRST)
    rig.loop.step()
    for _ in range(2):
        rig.fail(Failure.UNGROUNDED)
    assert [one.grounded for one in rig.published()] == [Grounding.TEMPLATE, Grounding.REJECTED]
    rig.start()
    rig.loop.step()
    assert not rig.hand.is_busy
    assert len(rig.published()) == 2


def test_a_summary_that_another_narrator_wrote_counts(rig: Rig) -> None:
    rig.detect(FIRST)
    rig.loop.step()
    (told,) = rig.published()
    changes = {"revision": 7, "source": "llm", "grounded": Grounding.GROUNDED, "model": "other"}
    rig.put(INCIDENT_SUMMARIES.name, told.model_copy(update=changes).encode())
    rig.hand.is_busy = False
    rig.loop.step()
    assert not rig.hand.is_busy
    rig.detect(SECOND)
    rig.loop.step()
    rig.answer()
    assert rig.published()[-1].revision == 8


def test_the_newest_summary_counts_in_whatever_order_they_lie(rig: Rig) -> None:
    rig.detect(FIRST)
    rig.loop.step()
    rig.answer()
    for summary in reversed(rig.published()):
        rig.put(INCIDENT_SUMMARIES.name, summary.encode())
    rig.start()
    rig.loop.step()
    assert len(rig.published()) == 4
    assert not rig.hand.is_busy


def test_a_summary_that_was_not_acknowledged_waits_and_is_published_as_it_was(rig: Rig) -> None:
    FlakyPublisher.failures = 2
    rig.detect(FIRST)
    rig.loop.step()
    assert rig.health.reason is not None
    assert "1 summaries are not published yet" in rig.health.reason
    assert rig.sample("narrator_summaries_published_total", source="template") == 0
    rig.loop.step()
    assert len(rig.published()) == 1
    for seconds in (1, 2):
        rig.clock.seconds += seconds
        rig.loop.step()
    first, second, third = rig.published()
    assert first == second == third
    assert rig.health.reason is None
    assert rig.sample("narrator_summaries_published_total", source="template") == 1


def test_a_broker_that_is_away_is_waited_for(rig: Rig) -> None:
    rig.detect(FIRST)
    rig.cluster.available = False
    with pytest.raises(BrokerUnavailableError):
        rig.loop.step()
    rig.cluster.available = True
    rig.loop.step()
    assert rig.revisions() == [("incident", 1, "template")]


def test_run_says_what_to_do_when_the_broker_is_away(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.cluster.available = False
    stop = threading.Event()
    thread = threading.Thread(target=rig.loop.run, args=(stop,))
    thread.start()
    deadline = time.monotonic() + 5
    while "KAFKA_BROKER" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert rig.health.reason is not None
    assert "waiting for Kafka" in rig.health.reason
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert "KAFKA_BROKER" in caplog.text


def test_another_cluster_is_told_from_its_own_topics(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.detect(FIRST, OTHER)
    rig.loop.step()
    question = rig.hand.question
    assert question is not None
    rig.cluster.wipe("second")
    rig.detect(FIRST)
    rig.loop.step()
    assert "another one than before" in caplog.text
    rig.loop.step()
    assert rig.revisions() == [("incident", 1, "template")]
    rig.answer()
    assert {one.incident_id for one in rig.published()} == {"incident"}
    assert rig.narrator.incidents.known == 1


def test_what_could_not_be_published_to_a_cluster_that_is_gone_is_dropped(rig: Rig) -> None:
    rig.loop.step()
    rig.detect(FIRST)
    FlakyPublisher.failures = 1
    rig.loop.step()
    rig.cluster.wipe("second")
    rig.clock.seconds += 60
    rig.loop.step()
    rig.loop.step()
    assert rig.published() == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{}",
        b"\xff",
        b"[" * 10_000,
        FIRST.encode().replace(b"0.3625", b"1e308"),
        FIRST.encode().replace(b'"requests":238', b'"requests":1' + b"0" * 400),
        FIRST.encode().replace(b"2026-01-01T13:36:00Z", b"9999-12-31T23:59:59Z"),
    ],
)
def test_a_malformed_record_is_counted_and_passed_over(rig: Rig, value: bytes | None) -> None:
    rig.put(ANOMALIES.name, value)
    rig.put(INCIDENT_SUMMARIES.name, None)
    rig.detect(FIRST)
    rig.loop.step()
    assert rig.revisions() == [("incident", 1, "template")]
    counted = {"consumer": "narrator", "outcome": "malformed"}
    assert rig.sample("records_read_total", topic="anomalies", **counted) == 1
    assert rig.sample("records_read_total", topic="incident_summaries", **counted) == 1


def test_lag_is_shown_once_it_is_known(rig: Rig) -> None:
    lag = {"topic": "anomalies", "consumer": "narrator"}
    assert rig.sample("kafka_consumer_lag", **lag) is None
    rig.loop.step()
    assert rig.sample("kafka_consumer_lag", **lag) == 0
    rig.detect(*[anomaly(service=f"service-{number}") for number in range(600)])
    rig.loop.step()
    assert rig.sample("kafka_consumer_lag", **lag) == 100


def test_revisions_of_an_incident_only_grow(rig: Rig) -> None:
    rig.loop.step()
    for number in range(4):
        rig.detect(anomaly(service=f"service-{number}"))
        rig.loop.step()
        rig.answer()
        rig.clock.seconds += 60
    told: list[IncidentSummary] = rig.published()
    assert [one.revision for one in told] == list(range(1, len(told) + 1))
    assert told[-1].source == "llm"
