"""`make demo` as a user sees it: history, a fault, its explanation, its end, restarts, and nothing left behind.

The tests are steps of one demo and run in the order of this file.
"""

import math
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts import metrics
from contracts.event import parse_event
from contracts.times import to_epoch_ms, to_rfc3339, utc_now
from contracts.topics import RAW_EVENTS
from local.memory import resident_bytes
from local.prometheus import SCRAPED
from runtime.kafka import KafkaPublisher
from tests.integration.demo import live_queries
from tests.integration.demo.conftest import Demo
from tests.integration.pipeline.pipeline import poll_until

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
P95 = "histogram_quantile(0.95, sum by (service, le) (rate(service_request_latency_seconds_bucket[1m])))"
VISIBLE_SECONDS = 15.0
DETECTED_SECONDS = 90.0
LATEST_SECOND = 45
"""The fault begins before this second of a minute: early enough for the minute to be bad."""

FAULT_MINUTES = 2
"""A shorter one may hold too few errors in the quiet hours: a fifth of 80 requests, split over two minutes."""

MEMORY_BYTES = 3e9
MARKED = 30
MARK_SECONDS = 0.7
"""Between two marked events: no multiple of it is the time between two micro-batches."""
SERVICES = {"checkout", "payments", "search"}

pytestmark = pytest.mark.timeout(420)


def test_two_hours_of_history_and_live_windows_are_there(demo: Demo) -> None:
    rows = demo.rows("metrics", **{"from": to_epoch_ms(utc_now()) - 2 * HOUR_MS})
    minutes = {row["time"] for row in rows}
    assert len(minutes) >= 115
    assert to_epoch_ms(utc_now()) - max(minutes) < 150_000
    assert {row["service"] for row in rows} == SERVICES


def test_what_runs_and_where_is_said(demo: Demo) -> None:
    output = demo.output.read_text()
    assert all(demo.stack.url(name) in output for name in ("exporters", "detector", "narrator", "generator"))
    assert output.count("curl '") == 3
    assert demo.make("status").returncode == 0


def test_an_event_is_visible_within_seconds(demo: Demo) -> None:
    publisher = KafkaPublisher(demo.stack.kafka, "marker")
    waiting: dict[str, float] = {}
    delays: list[float] = []
    for number in range(MARKED):
        publisher.publish(RAW_EVENTS.name, marked_event(f"/mark/{number}"))
        publisher.flush(10)
        waiting[f"/mark/{number}"] = time.monotonic()
        delays += delays_of_the_visible(demo, waiting)
    publisher.close()
    deadline = time.monotonic() + 60
    while waiting and time.monotonic() < deadline:
        delays += delays_of_the_visible(demo, waiting)
    p95 = sorted(delays)[math.ceil(0.95 * MARKED) - 1]
    assert p95 < VISIBLE_SECONDS, sorted(delays)


def marked_event(endpoint: str) -> bytes:
    event = (
        f'{{"event_time": "{to_rfc3339(utc_now())}", "service": "marked", "endpoint": "{endpoint}",'
        ' "latency_ms": 5, "status_code": 200}'
    ).encode()
    parse_event(event, utc_now())
    return event


def delays_of_the_visible(demo: Demo, waiting: dict[str, float]) -> list[float]:
    """Return in seconds how long each mark took that is in the API and on /metrics by now; it waits no longer."""
    time.sleep(MARK_SECONDS)
    rows = demo.rows("metrics", service="marked", endpoint=",".join(waiting))
    exposition = demo.get("exporters", "/metrics").text
    visible = {row["endpoint"] for row in rows if f'endpoint="{row["endpoint"]}"' in exposition}
    return [time.monotonic() - waiting.pop(mark) for mark in visible & waiting.keys()]


def test_an_injected_error_surge_is_found_and_explained(demo: Demo) -> None:
    poll_until(lambda: utc_now().second < LATEST_SECOND, 60)
    began = time.monotonic()
    injected = demo.make("inject", "SERVICE=payments", "KIND=errors", f"MINUTES={FAULT_MINUTES}")
    assert injected.returncode == 0, injected.stderr
    anomaly = _first(demo, "anomalies", DETECTED_SECONDS, service="payments")
    assert time.monotonic() - began < DETECTED_SECONDS
    assert (anomaly["anomaly_type"], anomaly["state"]) == ("error_surge", "open")
    evidence = demo.rows("evidence", incident=anomaly["incident_id"])
    assert evidence
    assert evidence[-1]["value"] > evidence[-1]["threshold"]
    summary = _first(demo, "summaries", 20, incident=anomaly["incident_id"])
    assert (summary["source"], summary["revision"]) == ("template", 1)
    assert "payments" in summary["headline"]
    (truth,) = demo.rows("injections", service="payments", **{"from": to_epoch_ms(utc_now()) - 300_000})
    assert (truth["kind"], truth["outcome"]) == ("error_surge", "detected")


def _first(demo: Demo, name: str, deadline_seconds: float, **parameters: str | int) -> Any:  # noqa: ANN401 - a JSON row
    found: list[Any] = []
    since = to_epoch_ms(utc_now()) - 120_000

    def arrived() -> bool:
        found[:] = demo.rows(name, **{**parameters, "from": since})
        return bool(found)

    poll_until(arrived, deadline_seconds)
    return found[0]


def test_prometheus_scrapes_every_process(demo: Demo) -> None:
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed")

    def up() -> set[str]:
        found = demo.get("prometheus", "/api/v1/query?query=up").json()["data"]["result"]
        return {sample["metric"]["job"] for sample in found if sample["value"][1] == "1"}

    poll_until(lambda: up() == set(SCRAPED), 60)


def test_every_query_of_dashboards_and_rules_finds_series(demo: Demo) -> None:
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed")
    deadline = time.monotonic() + 60
    while missing := live_queries.without_series(demo, utc_now()):
        assert time.monotonic() < deadline, missing
    assert live_queries.refused_alerts(demo, utc_now()) == []


def test_every_query_through_infinity_finds_rows_with_its_columns(demo: Demo) -> None:
    assert live_queries.without_rows(demo, utc_now()) == []


def test_every_layer_through_simpod_finds_annotations(demo: Demo) -> None:
    assert live_queries.without_annotations(demo, utc_now()) == []


def test_the_fault_is_over_when_it_is_over(demo: Demo) -> None:
    poll_until(lambda: demo.rows("anomalies", service="payments")[0]["state"] == "resolved", 300)


def test_prometheus_holds_the_history_of_before_its_start(demo: Demo) -> None:
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed")
    minute_ms = (to_epoch_ms(utc_now()) - HOUR_MS) // MINUTE_MS * MINUTE_MS
    span = {"from": minute_ms + 1, "to": minute_ms + MINUTE_MS - 1}
    stored = {row["service"]: row["request_rate"] for row in demo.rows("metrics", **span)}
    closed = minute_ms / 1000 + 60 + 30
    assert stored.keys() == SERVICES
    assert _by_service(demo, "sum by (service) (service_window_request_rate)", closed) == pytest.approx(stored)
    for recorded in ("service:health_level:max", "service:slo_burn_rate:rate5m", f"sum by (service) ({P95})"):
        assert _by_service(demo, recorded, closed).keys() == SERVICES
    resets = _by_service(demo, "sum by (service) (resets(service_requests_total[2h]))", utc_now().timestamp())
    assert set(resets.values()) == {0.0}


def _by_service(demo: Demo, query: str, at_seconds: float) -> dict[str, float]:
    answer = demo.get("prometheus", "/api/v1/query", {"query": query, "time": at_seconds}).json()
    return {each["metric"]["service"]: float(each["value"][1]) for each in answer["data"]["result"]}


@pytest.mark.parametrize("service", [name for name in SCRAPED if name != "prometheus"])
def test_every_metric_of_each_process_is_declared(demo: Demo, service: str) -> None:
    families = list(text_string_to_metric_families(demo.get(service, "/metrics").text))
    shown = {f"{family.name}_total" if family.type == "counter" else family.name for family in families}
    assert shown
    assert shown <= metrics.BY_NAME.keys()


@pytest.mark.parametrize("service", [name for name in SCRAPED if name != "prometheus"])
def test_the_metrics_of_each_process_are_clean(demo: Demo, service: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: it comes with Debian's package prometheus")
    exposition = demo.get(service, "/metrics").text
    command = [promtool, "check", "metrics"]
    checked = subprocess.run(command, input=exposition, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


# Streaming shows no counters: what it counts is on the topic, and the exporters show it.
@pytest.mark.parametrize("service", ["generator", "detector", "narrator", "exporters"])
def test_a_killed_process_is_started_again_and_its_counters_go_on(demo: Demo, service: str) -> None:
    before = _counters(demo, service)
    assert before
    _kill(demo, service)
    poll_until(lambda: f"{service}: started again" in demo.output.read_text(), 60)
    poll_until(_answers(demo, service), 60)
    after = _counters(demo, service)
    assert {name: (value, after.get(name)) for name, value in before.items() if after.get(name, -1.0) < value} == {}
    assert f"logs/{service}.log" in demo.output.read_text()


def _counters(demo: Demo, service: str) -> dict[str, float]:
    lines = [line for line in demo.get(service, "/metrics").text.splitlines() if not line.startswith("#")]
    counted = ("_total", "_bucket", "_count", "_sum")
    samples = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}
    return {name: value for name, value in samples.items() if name.partition("{")[0].endswith(counted)}


def _kill(demo: Demo, service: str) -> None:
    module = f"-m\0{service}".encode()
    data_dir = str(demo.stack.data_dir).encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            mine = module in (process / "cmdline").read_bytes() and data_dir in (process / "environ").read_bytes()
        except OSError:
            continue
        if mine:
            os.kill(int(process.name), signal.SIGKILL)


def _answers(demo: Demo, service: str) -> Callable[[], bool]:
    def check() -> bool:
        try:
            return demo.get(service, "/health").status_code == 200
        except OSError:
            return False

    return check


def test_the_whole_stack_stays_within_its_memory(demo: Demo) -> None:
    used = resident_bytes(demo.process.pid)
    assert used is not None
    assert used < MEMORY_BYTES


def test_health_and_jobs_are_told(demo: Demo) -> None:
    health = demo.make("health")
    assert "freshness" in health.stdout, health.stderr
    assert "critical" not in health.stdout
    ran = demo.make("run-job", "JOB=retention")
    assert "succeeded" in ran.stdout, ran.stderr
    assert "retention" in demo.make("jobs").stdout


def test_a_second_demo_on_the_same_data_is_refused(demo: Demo) -> None:
    second = demo.make("demo")
    assert second.returncode != 0
    assert "another demo uses" in second.stderr


def test_ctrl_c_stops_all_of_it_and_leaves_nothing(demo: Demo) -> None:
    began = time.monotonic()
    demo.interrupt()
    assert demo.process.wait(30) is not None
    assert time.monotonic() - began < 10
    assert demo.left_behind() == []
