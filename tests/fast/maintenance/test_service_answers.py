"""What another service answers is read strictly, and whatever it sends is survived."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from exporters.maintenance.service_answers import MAX_BODY_BYTES, Answer, ask
from tests.fast.maintenance.conftest import NOW, at
from tests.fast.maintenance.http_twin import Twin, serving

METRICS = """# HELP stream_time_timestamp_seconds Stream time.
# TYPE stream_time_timestamp_seconds gauge
stream_time_timestamp_seconds{part="detector"} 1.7672688e+09
kafka_consumer_lag{topic="aggregated_metrics",consumer="detector"} 12.0
kafka_consumer_lag{topic="anomalies",consumer="detector"} 0.0
pipeline_freshness_seconds 2.5
streaming_trigger_interval_seconds 5.0
llm_requests_total{outcome="ok"} 3.0
llm_requests_total{outcome="timeout"} 1.0
process_cpu_seconds_total 17.0
"""


@pytest.fixture
def twin() -> Iterator[Twin]:
    with serving(Twin()) as twin:
        yield twin


def asked(url: str, timeout_seconds: float = 2.0) -> Answer:
    with requests.Session() as session:
        session.trust_env = False
        return ask(session, url, at(), timeout_seconds)


def test_everything_that_is_told_is_read(twin: Twin) -> None:
    twin.says(METRICS)
    assert asked(twin.url) == Answer(
        NOW,
        reachable=True,
        healthy=True,
        stream_time=datetime(2026, 1, 1, 12, 0, tzinfo=UTC),
        freshness_seconds=2.5,
        trigger_seconds=5.0,
        lag={("aggregated_metrics", "detector"): 12, ("anomalies", "detector"): 0},
        model_requests={"ok": 3, "timeout": 1},
    )


def test_an_unhealthy_service_says_why_and_its_metrics_are_read(twin: Twin) -> None:
    twin.says(METRICS, status=503, health=b'{"status": "unhealthy", "reason": "waiting for\\nKafka"}')
    answer = asked(twin.url)
    assert (answer.reachable, answer.healthy, answer.reason) == (True, False, "waiting for Kafka")
    assert answer.stream_time is not None


@pytest.mark.parametrize("health", [b"", b"[1]", b'{"reason": 7}', b'{"reason": null}', b"\xff" * 99, b"[" * 100_000])
def test_a_refusal_without_a_readable_reason_has_its_status_as_reason(twin: Twin, health: bytes) -> None:
    twin.says("", status=500, health=health)
    assert asked(twin.url).reason == "it answered with status 500"


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        answer = asked(f"http://127.0.0.1:{free.getsockname()[1]}")
    assert (answer.reachable, answer.healthy, answer.reason) == (False, False, "nothing listens there")


def test_an_answer_that_does_not_come_is_given_up(twin: Twin) -> None:
    twin.hold = threading.Event()
    began = time.monotonic()
    answer = asked(twin.url, timeout_seconds=0.2)
    assert (answer.reachable, answer.reason) == (False, "no answer within 0.2 s")
    assert time.monotonic() - began < 2


def test_an_answer_that_drips_is_given_up(twin: Twin) -> None:
    twin.says(METRICS)
    twin.drip_seconds = 0.05
    began = time.monotonic()
    answer = asked(twin.url, timeout_seconds=0.2)
    assert answer.reachable is False
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\x00\xff",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_no_healthy_answer(twin: Twin, raw: bytes) -> None:
    twin.answers = {"/health": raw}
    assert asked(twin.url).healthy is False


def test_a_huge_body_is_not_read(twin: Twin) -> None:
    twin.says(METRICS)
    twin.answers["/metrics"] = (200, METRICS.encode() + b"\n" * MAX_BODY_BYTES)
    answer = asked(twin.url)
    assert (answer.healthy, answer.lag) == (True, {})
    twin.says(METRICS, health=b" " * (MAX_BODY_BYTES + 1))
    assert asked(twin.url).reachable is False


def test_a_flood_of_lines_is_cut(twin: Twin) -> None:
    lines = [f'kafka_consumer_lag{{topic="t{number}",consumer="c"}} 1' for number in range(50_000)]
    twin.says("\n".join(lines))
    assert len(asked(twin.url).lag) == 100


@pytest.mark.parametrize(
    "line",
    [
        "pipeline_freshness_seconds NaN",
        "pipeline_freshness_seconds +Inf",
        "pipeline_freshness_seconds",
        "pipeline_freshness_seconds one",
        "stream_time_timestamp_seconds 1e300",
        "stream_time_timestamp_seconds -1e17",
        'kafka_consumer_lag{topic="raw_events"',
        "llm_requests_totals{} 7",
    ],
)
def test_a_line_that_cannot_be_is_left_out_and_the_others_count(twin: Twin, line: str) -> None:
    twin.says(f'{line}\nkafka_consumer_lag{{topic="raw_events",consumer="streaming"}} 7\n')
    answer = asked(twin.url)
    assert answer.lag == {("raw_events", "streaming"): 7}
    assert (answer.stream_time, answer.freshness_seconds, answer.model_requests) == (None, None, {})


def test_garbled_metrics_raise_nothing(twin: Twin) -> None:
    chance = random.Random(7)
    for _ in range(50):
        garbled = bytearray(METRICS.encode())
        for _ in range(20):
            garbled[chance.randrange(len(garbled))] = chance.randrange(256)
        twin.answers = {"/health": (200, b""), "/metrics": (200, bytes(garbled))}
        assert asked(twin.url).healthy


def test_a_proxy_of_the_environment_is_not_asked(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    twin.says(METRICS)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert asked(f"{twin.url}/").healthy
    assert twin.asked == ["/health", "/metrics"]
