"""The narrator on a real broker: however a model fails, summaries come and metrics say why."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from contracts import metrics
from contracts.anomalies import Anomaly
from contracts.summaries import Grounding, IncidentSummary
from contracts.times import utc_now, window_start
from contracts.topics import ANOMALIES, INCIDENT_SUMMARIES
from local.broker import Broker
from local.metrics_client import total
from local.ports import LOOPBACK, free_ports
from local.process_group import ProcessGroup
from local.topics import ensure_topics
from runtime.history import read_to_end
from runtime.kafka import KafkaPublisher, KafkaSource
from tests.fast.narrator.evidence import anomaly
from tests.fast.narrator.ollama_twin import OllamaTwin, Response, answer, fails, says, serving
from tests.integration.pipeline.pipeline import poll_until

TIMEOUT_SECONDS = "2"


@dataclass(frozen=True)
class Case:
    """How a model behaves, and the reason that metrics must give."""

    response: Callable[[OllamaTwin], Response]
    reason: str


FAILURES = {
    "a model that is not there": Case(lambda _: fails(404, 'model "phi4-mini" not found'), "missing_model"),
    "a busy server": Case(lambda _: fails(503, "server busy"), "busy"),
    "a slow model": Case(lambda twin: twin.hangs(), "timeout"),
    "garbage": Case(lambda _: says("lorem ipsum"), "invalid_answer"),
    "invented figures": Case(lambda _: says(answer(headline="payments fails for 99 % of requests")), "ungrounded"),
}


@contextmanager
def narrating(broker: Broker, folder: Path, ollama_url: str) -> Iterator[str]:
    (port,) = free_ports(1)
    variables = {
        "KAFKA_BROKER": broker.address,
        "NARRATOR_PORT": str(port),
        "NARRATOR_STATE_DIR": str(folder / "narrator"),
        "OLLAMA_URL": ollama_url,
        "LLM_TIMEOUT_SECONDS": TIMEOUT_SECONDS,
    }
    process = ProcessGroup.start([sys.executable, "-m", "narrator"], folder / "narrator.log", variables)
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        assert process.stop(10) == 0


def publish_anomaly(broker: Broker) -> Anomaly:
    onset = window_start(utc_now()) - timedelta(minutes=2)
    found = anomaly().model_copy(
        update={
            "emitted_at": utc_now(),
            "detected_at": utc_now(),
            "window_start": onset,
            "window_end": onset + timedelta(minutes=1),
        }
    )
    publisher = KafkaPublisher(broker.address, "test")
    publisher.publish(ANOMALIES.name, found.encode(), key=found.anomaly_id)
    publisher.flush(10)
    publisher.close()
    return found


def summaries(broker: Broker) -> list[IncidentSummary]:
    source = KafkaSource(broker.address, [INCIDENT_SUMMARIES.name], "test")
    found = [IncidentSummary.decode(message.value) for message in read_to_end(source)]
    source.close()
    return found


@pytest.fixture(params=FAILURES)
def case(request: pytest.FixtureRequest) -> Case:
    return FAILURES[request.param]


def test_whatever_the_model_does_the_template_tells_and_metrics_say_why(
    broker: Broker, tmp_path: Path, case: Case
) -> None:
    model = OllamaTwin()
    model.responses = [case.response(model)]
    with serving(model), narrating(broker, tmp_path, model.url) as url:
        incident_id = publish_anomaly(broker).incident_id
        poll_until(lambda: (total(url, metrics.LLM_FAILURES, {"reason": case.reason}) or 0) >= 1, 30)
    told, *refused = summaries(broker)
    assert (told.incident_id, told.source, told.grounded) == (incident_id, "template", Grounding.TEMPLATE)
    # What is refused twice is said in a second revision, where that came before the end.
    assert [(each.source, each.grounded) for each in refused] in ([], [("template", Grounding.REJECTED)])


def test_without_a_server_the_template_tells(broker: Broker, tmp_path: Path) -> None:
    (nobody,) = free_ports(1)
    with narrating(broker, tmp_path, f"http://{LOOPBACK}:{nobody}") as url:
        publish_anomaly(broker)
        poll_until(lambda: (total(url, metrics.LLM_FAILURES, {"reason": "unreachable"}) or 0) >= 1, 30)
    assert [told.source for told in summaries(broker)] == ["template"]


def test_a_good_answer_replaces_the_template_once_also_over_a_restart(broker: Broker, tmp_path: Path) -> None:
    ensure_topics(broker.address)
    # The anomaly began a moment ago, so that no time of day can stand in the answer.
    good = answer(summary="36 % of requests to payments fail.", check_first=["Logs of payments."])
    with serving(OllamaTwin(says(good))) as twin:
        with narrating(broker, tmp_path, twin.url):
            publish_anomaly(broker)
            poll_until(lambda: len(summaries(broker)) == 2, 30)
        with narrating(broker, tmp_path, twin.url) as url:
            poll_until(lambda: total(url, metrics.INCIDENTS_WAITING) == 0, 30)
    assert [(told.revision, told.source) for told in summaries(broker)] == [(1, "template"), (2, "llm")]
    assert len(twin.requests) == 1
