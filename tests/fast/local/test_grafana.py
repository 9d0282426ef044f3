"""Grafana is found where it is installed and told where everything is."""

import re
from pathlib import Path

import pytest

from local.demo_text import missing_lines
from local.grafana import INFINITY, INFINITY_VERSION, find_grafana, grafana, lacks_infinity
from local.paths import REPOSITORY
from local.stack import Stack


def test_a_named_home_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "grafana"
    program.parent.mkdir()
    program.touch()
    monkeypatch.setenv("GRAFANA_HOME", str(tmp_path))
    assert find_grafana() == (program, tmp_path)


def test_without_a_program_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_grafana() is None


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GF_PATHS_PLUGINS", raising=False)
    program = tmp_path / "bin" / "grafana"
    program.parent.mkdir()
    program.touch()
    monkeypatch.setenv("GRAFANA_HOME", str(tmp_path))
    return tmp_path


def test_a_plugin_that_is_not_installed_is_named(home: Path) -> None:
    assert any("plugins install yesoreyeram-infinity-datasource" in line for line in missing_lines(["grafana"]))
    (home / "data" / "plugins" / INFINITY).mkdir(parents=True)
    assert not any("infinity" in line for line in missing_lines(["grafana"]))


def test_plugins_are_looked_for_where_grafana_looks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = home / "elsewhere"
    (plugins / INFINITY).mkdir(parents=True)
    assert lacks_infinity(home)
    monkeypatch.setenv("GF_PATHS_PLUGINS", str(plugins))
    assert not lacks_infinity(home)
    service = grafana(Stack.isolated(home, {}), home / "bin" / "grafana", home)
    assert service.env["GF_PATHS_PLUGINS"] == str(plugins)


def test_the_version_of_the_plugin_is_that_of_the_containers() -> None:
    recipe = (REPOSITORY / "containers" / "grafana" / "Dockerfile").read_text(encoding="utf-8")
    assert f"{INFINITY} {INFINITY_VERSION}" in recipe


def test_it_listens_on_loopback_and_knows_its_datasources(tmp_path: Path) -> None:
    stack = Stack.isolated(tmp_path, {})
    service = grafana(stack, Path("/opt/grafana/bin/grafana"), Path("/opt/grafana"))
    assert service.env["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
    assert service.env["PROMETHEUS_URL"] == stack.url("prometheus")
    assert (Path(service.env["GF_PATHS_PROVISIONING"]) / "datasources" / "observability.yml").is_file()


@pytest.mark.parametrize("folder", ["provisioning", "provisioning-simpod"])
def test_every_variable_of_the_provisioning_is_told(tmp_path: Path, folder: str) -> None:
    files = (REPOSITORY / "grafana" / folder).rglob("*.yml")
    used = {name for file in files for name in re.findall(r"\$(\w+)", file.read_text(encoding="utf-8"))}
    service = grafana(Stack.isolated(tmp_path, {}), Path("/opt/grafana/bin/grafana"), Path("/opt/grafana"))
    assert used == {"PROMETHEUS_URL", "EXPORTERS_URL", "DASHBOARDS_DIR", "GF_EXPORTERS_TOKEN"}
    assert used <= service.env.keys()
