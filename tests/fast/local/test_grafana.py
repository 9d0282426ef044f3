"""Grafana is found where it is installed and told where everything is."""

import re
from pathlib import Path

import pytest

from local.grafana import find_grafana, grafana
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
