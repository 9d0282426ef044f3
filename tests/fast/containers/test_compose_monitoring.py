"""Prometheus and Grafana run on the same files as in `make demo`, with targets of their own."""

import json
import re
from pathlib import Path

from contracts.settings import settings_table
from local.history.settings import HistorySettings
from local.paths import REPOSITORY
from local.prometheus import SCRAPED, prometheus, write_configuration
from local.stack import Stack
from tests.fast.containers.compose_file import services

TARGETS = REPOSITORY / "containers" / "prometheus" / "targets" / "containers.json"


def mounts(name: str) -> dict[str, Path]:
    """Return what is mounted from the repository, by its place in the container."""
    pairs = (volume.split(":")[:2] for volume in services()[name]["volumes"] if volume.startswith("./"))
    return {target: REPOSITORY / source for source, target in pairs}


def listened_on(name: str) -> str:
    (port,) = services()[name]["ports"]
    return f"{name}:{port.rpartition(':')[2]}"


def test_every_file_that_prometheus_reads_is_mounted() -> None:
    configuration = (REPOSITORY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"^ +- (\w+)/[*]\.\w+$", configuration, re.MULTILINE))
    found = {target.removeprefix("/etc/prometheus/"): source for target, source in mounts("prometheus").items()}
    assert named == {"rules", "targets", "alertmanagers"}
    assert found.keys() == named | {"prometheus.yml"}
    assert all(source.exists() for source in found.values())
    assert found["rules"] == REPOSITORY / "prometheus" / "rules"


def test_every_process_is_scraped_where_it_listens_under_its_own_name() -> None:
    groups = json.loads(TARGETS.read_text(encoding="utf-8"))
    found = {group["labels"]["job"]: group["targets"] for group in groups}
    assert found.keys() == {*SCRAPED, "alertmanager", "grafana"}
    assert found == {name: [listened_on(name)] for name in found}


def test_prometheus_takes_the_past_and_the_history_knows_where_it_is(tmp_path: Path) -> None:
    local = {part for part in prometheus(Stack.isolated(tmp_path, {}), Path("prometheus")).command if "=" not in part}
    assert local - {"prometheus"} == {part for part in services()["prometheus"]["command"] if "=" not in part}
    environment = services()["history"]["environment"]
    assert environment.keys() <= {name for name, _, _ in settings_table(HistorySettings)} | {"API_TOKEN_FILE"}
    assert environment["PROMETHEUS_URL"] == f"http://{listened_on('prometheus')}"


def test_alerts_go_to_the_alertmanager() -> None:
    (group,) = json.loads((mounts("prometheus")["/etc/prometheus/alertmanagers"] / "containers.json").read_text())
    assert group["targets"] == [listened_on("alertmanager")]


def test_the_demo_does_not_scrape_the_containers(tmp_path: Path) -> None:
    write_configuration(Stack.isolated(tmp_path, {}), tmp_path / "prometheus")
    assert [path.name for path in (tmp_path / "prometheus" / "targets").iterdir()] == ["local.json"]


def test_the_token_lies_where_a_relative_path_of_the_configuration_finds_it() -> None:
    assert services()["prometheus"]["secrets"] == [
        {"source": "api_token", "target": "/etc/prometheus/secrets/api_token"}
    ]
    configuration = (REPOSITORY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    assert re.findall(r"credentials_file: (.+)", configuration) == ["secrets/api_token"]


def test_grafana_is_provisioned_from_the_shipped_folders() -> None:
    environment = services()["grafana"]["environment"]
    found = mounts("grafana")
    assert found[environment["GF_PATHS_PROVISIONING"]] == REPOSITORY / "grafana" / "provisioning"
    assert found[environment["DASHBOARDS_DIR"]] == REPOSITORY / "grafana" / "dashboards"
    home = Path(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (found[str(home.parent)] / home.name).is_file()


def test_grafana_has_every_variable_that_its_provisioning_uses() -> None:
    files = (REPOSITORY / "grafana" / "provisioning").rglob("*.yml")
    used = {name for file in files for name in re.findall(r"\$\{?([A-Z_]+)", file.read_text(encoding="utf-8"))}
    given = {name.removesuffix("__FILE") for name in services()["grafana"]["environment"]}
    assert {"PROMETHEUS_URL", "EXPORTERS_URL"} <= used <= given
    assert services()["grafana"]["environment"]["EXPORTERS_URL"] == f"http://{listened_on('exporters')}"
