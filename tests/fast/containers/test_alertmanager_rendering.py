"""A receiver is switched on by its secret; without any, the shipped configuration is what runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from containers.alertmanager import AlertmanagerConfigurationError, rendered
from containers.commands import ALERTMANAGER_CONFIGURATION

SHIPPED = ALERTMANAGER_CONFIGURATION.read_text(encoding="utf-8")
ALL = {
    "SLACK_WEBHOOK_URL": "https://hooks.invalid/T/B/x",
    "PAGERDUTY_ROUTING_KEY": "key",
    "ALERT_WEBHOOK_URL": "https://alerts.invalid/in?a=b",
}


def routes(configuration: str) -> list[str]:
    """Return the receivers that are switched on, in their order."""
    lines = configuration.splitlines()
    return [line.removeprefix("    - receiver: ") for line in lines if line.startswith("    - receiver: ")]


def test_without_secrets_nobody_is_told_but_the_address_is_quoted() -> None:
    configuration = rendered(SHIPPED, {})
    assert routes(configuration) == []
    assert configuration.replace('"http://webhook.invalid/alerts"', "http://webhook.invalid/alerts") == SHIPPED


@pytest.mark.parametrize(
    ("variable", "receiver"),
    [("SLACK_WEBHOOK_URL", "slack"), ("PAGERDUTY_ROUTING_KEY", "pagerduty"), ("ALERT_WEBHOOK_URL", "webhook")],
)
def test_a_secret_switches_its_receiver_on(variable: str, receiver: str) -> None:
    assert routes(rendered(SHIPPED, {variable: ALL[variable]})) == [receiver]


def test_secrets_themselves_stay_out_of_it() -> None:
    configuration = rendered(SHIPPED, ALL)
    assert routes(configuration) == ["slack", "pagerduty", "webhook"]
    assert ALL["SLACK_WEBHOOK_URL"] not in configuration
    assert f'url: "{ALL["ALERT_WEBHOOK_URL"]}"' in configuration


@pytest.mark.parametrize(
    "address", ["alerts.invalid", "ftp://alerts.invalid", 'http://a"b', "http://a b", "http://a\nb"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(AlertmanagerConfigurationError, match="ALERT_WEBHOOK_URL is written as"):
        rendered(SHIPPED, {"ALERT_WEBHOOK_URL": address})


def test_a_shipped_file_without_its_place_for_routes_is_refused() -> None:
    with pytest.raises(AlertmanagerConfigurationError, match="0 times, not once"):
        rendered(SHIPPED.replace("  routes: []\n", ""), {})


@pytest.mark.parametrize("values", [{}, ALL], ids=["none", "all"])
def test_amtool_finds_no_fault(values: dict[str, str], tmp_path: Path) -> None:
    amtool = shutil.which("amtool")
    if amtool is None:
        pytest.skip("amtool is not installed: it comes with Debian's package prometheus-alertmanager")
    file = tmp_path / "alertmanager.yml"
    file.write_text(rendered(SHIPPED, values), encoding="utf-8")
    checked = subprocess.run([amtool, "check-config", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
