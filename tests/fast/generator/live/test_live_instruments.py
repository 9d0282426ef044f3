"""The generator's own metrics: declared, clean, and never going down over restarts."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from contracts import metrics
from contracts.anomalies import AnomalyType
from contracts.event import Reason
from contracts.injections import Injection
from contracts.metric import Metric
from generator.account import Kind
from generator.live.instruments import Instruments
from runtime.lasting_counters import LastingCounters
from tests.fast.generator.live.shop import START, fault

SPIKE = fault("payments", AnomalyType.LATENCY_SPIKE, 0, 3, 6.0).record(1, START)


def shown(instruments: Instruments, folder: Path) -> str:
    registry = CollectorRegistry()
    registry.register(LastingCounters(instruments.registry, folder / "counters.json"))
    return generate_latest(registry).decode()


def busy(running: list[Injection]) -> Instruments:
    instruments = Instruments(12.5, lambda: running)
    instruments.behind_seconds = 0.25
    instruments.count_acknowledged(Counter({Kind.GOOD: 5, Kind.DUPLICATE: 2, Reason.EMPTY: 1, Reason.TOO_LARGE: 3}))
    instruments.count_failed(4)
    instruments.count_injection(SPIKE)
    return instruments


def test_everything_is_shown_under_the_name_of_the_contract(tmp_path: Path) -> None:
    lines = shown(busy([SPIKE]), tmp_path).splitlines()
    for line in (
        'generator_messages_sent_total{kind="good"} 5.0',
        'generator_messages_sent_total{kind="duplicate"} 2.0',
        'generator_messages_sent_total{kind="broken"} 4.0',
        "generator_messages_failed_total 4.0",
        "generator_behind_seconds 0.25",
        "generator_target_rate 12.5",
        'generator_injections_total{kind="latency_spike",service="payments"} 1.0',
        'generator_injections_active{kind="latency_spike",service="payments"} 1.0',
        'generator_injections_active{kind="latency_spike",service="search"} 0.0',
    ):
        assert line in lines
    named = {metric.name for metric in vars(metrics).values() if isinstance(metric, Metric)}
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} <= named


def test_what_is_not_known_yet_is_absent(tmp_path: Path) -> None:
    lines = shown(Instruments(10, list), tmp_path).splitlines()
    assert not [line for line in lines if line.startswith(("generator_behind_seconds ", "generator_messages_sent"))]


def test_counters_go_on_after_a_restart_and_gauges_begin_anew(tmp_path: Path) -> None:
    shown(busy([SPIKE]), tmp_path)
    again = shown(busy([]), tmp_path)
    assert 'generator_messages_sent_total{kind="good"} 10.0' in again
    assert 'generator_injections_total{kind="latency_spike",service="payments"} 2.0' in again
    assert 'generator_injections_active{kind="latency_spike",service="payments"} 0.0' in again


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus")
def test_promtool_has_nothing_to_say(tmp_path: Path) -> None:
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=shown(busy([SPIKE]), tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
