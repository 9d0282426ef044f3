"""Nothing but aggregated evidence reaches a model: no id, no description, nothing that a record has beside it."""

import json
import time
from contextlib import closing
from typing import Any

import pytest

from narrator.asker import Asker
from narrator.prompt import INSTRUCTIONS, compose
from tests.fast.narrator.backends import BACKENDS, Backend
from tests.fast.narrator.evidence import anomaly
from tests.fast.narrator.generated import incident
from tests.fast.narrator.ollama_twin import OllamaTwin, serving
from tests.fast.narrator.rig import Rig
from tests.fast.narrator.scenarios import HOSTILE_ENDPOINT, SCENARIOS

SECRETS: dict[str, Any] = {
    "anomaly_id": "event-id-8c1f",
    "incident_id": "trace-id-4bf92f3577b34da6",
    "description": "body: card 4111 1111 1111 1111 of Jane Doe",
}


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
def test_a_recording_server_sees_no_id_and_no_text_of_a_record(backend: Backend) -> None:
    with serving(backend.twin()) as twin:
        asker = Asker(backend.client(twin.url, "m", 30), time.monotonic)
        asker.start()
        with closing(asker):
            rig = Rig(asker)
            rig.detect(anomaly(**SECRETS))
            deadline = time.monotonic() + 20
            while len(rig.published()) < 2 and time.monotonic() < deadline:
                rig.loop.step()
                time.sleep(0.01)
    recorded = json.dumps([twin.requests, twin.loads, twin.headers])
    assert len(twin.requests) >= 1
    assert [secret for secret in SECRETS.values() if secret in recorded] == []
    assert "error_rate" not in recorded


def test_the_evidence_is_all_that_a_question_holds() -> None:
    for seed in range(20):
        _, evidence = compose(incident(seed)).user.split("\n")
        assert set(json.loads(evidence)) == {"anomalies", "anomalies_not_shown", "other_services"}
        assert f"incident-{seed}" not in evidence


def test_a_name_cannot_leave_its_string_nor_speak_for_the_system() -> None:
    prompt = compose(SCENARIOS["hostile"].anomalies)
    _, evidence = prompt.user.split("\n")
    assert prompt.system == INSTRUCTIONS
    assert HOSTILE_ENDPOINT not in evidence
    (told,) = json.loads(evidence)["anomalies"]
    assert told["endpoints"][0][0] == HOSTILE_ENDPOINT[:80]


def test_the_recording_server_would_notice() -> None:
    twin = OllamaTwin()
    twin.respond("/api/chat", {"messages": [{"content": SECRETS["description"]}]})
    assert SECRETS["description"] in json.dumps(twin.requests)
