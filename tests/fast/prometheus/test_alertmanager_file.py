"""Alertmanager's file is sound, tells nobody as it is shipped, holds no secret, and silences alerts that there are."""

import re
import shutil
import subprocess

import pytest

from tests.fast.prometheus.shipped_rules import PROMETHEUS, alerts

FILE = PROMETHEUS / "alertmanager" / "alertmanager.yml"
TEXT = FILE.read_text(encoding="utf-8")
LINES = [line.strip() for line in TEXT.splitlines() if not line.strip().startswith("#")]


def test_amtool_finds_no_fault() -> None:
    amtool = shutil.which("amtool")
    if amtool is None:
        pytest.skip("amtool is not installed: it comes with Debian's package prometheus-alertmanager")
    checked = subprocess.run([amtool, "check-config", str(FILE)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_nobody_is_told_before_a_route_is_added() -> None:
    assert "receiver: nobody" in LINES
    assert "routes: []" in LINES
    assert "- name: nobody" in LINES


@pytest.mark.parametrize("receiver", ["slack", "pagerduty", "webhook"])
def test_a_receiver_has_its_secret_in_a_file(receiver: str) -> None:
    block = TEXT.partition(f"  - name: {receiver}\n")[2].partition("  - name: ")[0]
    assert re.search(r"_file: /run/secrets/\w+\n", block)
    assert not re.search(r"^\s*(- )?(api_url|routing_key|service_key|credentials|password|bearer_token):", block, re.M)


def test_every_alert_that_is_silenced_or_silences_exists() -> None:
    named = {name for value in re.findall(r'alertname =~? "([^"]+)"', TEXT) for name in value.split("|")}
    assert len(named) >= 5
    assert named <= {alert.name for alert in alerts()}
