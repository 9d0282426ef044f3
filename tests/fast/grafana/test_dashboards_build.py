"""The committed dashboards are those that the program writes."""

from pathlib import Path

import pytest

from grafana.build import FOLDER, dashboards, main
from grafana.dashboards_source.layers import AnnotationSource
from grafana.dashboards_source.runbooks import runbooks
from grafana.schema.annotations import Layer
from grafana.schema.queries import Datasource
from tests.fast.grafana.committed import UIDS

Layers = dict[str, tuple[Datasource, bool]]


def test_regenerating_changes_nothing() -> None:
    written = {f"{dashboard.uid}.json": dashboard.text() for dashboard in (*dashboards(), *runbooks())}
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert committed == written, "run: python -m grafana.build"


def test_the_command_writes_every_dashboard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--output", str(tmp_path / "new")]) == 0
    uids = {path.stem for path in (tmp_path / "new").iterdir()}
    assert {uid for uid in uids if not uid.startswith("runbook-")} == set(UIDS)
    assert capsys.readouterr().out == f"{len(uids)} dashboards are in {tmp_path / 'new'}.\n"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--output", str(tmp_path / "file" / "new")]) == 1
    assert "cannot be made" in capsys.readouterr().err


def _layers(source: AnnotationSource) -> dict[str, Layers]:
    def shown(layers: tuple[Layer, ...]) -> Layers:
        return {layer.name: (layer.datasource, layer.enabled) for layer in layers}

    return {dashboard.title: shown(dashboard.layers) for dashboard in dashboards(source=source)}


def test_annotations_come_through_infinity() -> None:
    layers = _layers(AnnotationSource.INFINITY)
    severities = {"Critical": (Datasource.INFINITY, True), "Warning": (Datasource.INFINITY, True)}
    assert layers["Overview"] == {**severities, "From metrics": (Datasource.PROMETHEUS, False)}
    assert layers["Service"] == {**severities, "Injected": (Datasource.INFINITY, False)}
    assert layers["Incidents"] == {}
    assert layers["Pipeline"] == {"Down": (Datasource.PROMETHEUS, True)}


def test_without_a_plugin_annotations_come_from_the_metrics() -> None:
    layers = _layers(AnnotationSource.PROMETHEUS)
    assert layers["Overview"] == {"From metrics": (Datasource.PROMETHEUS, True)}
    assert layers["Service"] == {}


def test_with_simpod_the_layers_are_the_same() -> None:
    layers, usual = _layers(AnnotationSource.SIMPOD), _layers(AnnotationSource.INFINITY)
    assert {title: list(found) for title, found in layers.items()} == {
        title: list(found) for title, found in usual.items()
    }
    assert {source for found in layers.values() for source, _ in found.values()} == {
        Datasource.SIMPOD,
        Datasource.PROMETHEUS,
    }
