"""What holds on every dashboard and every panel."""

import re
from pathlib import Path

import pytest

from contracts.event import Reason
from exporters.store.injection_queries import Outcome
from grafana.build import FOLDER
from grafana.schema.colours import Colour
from tests.fast.grafana.committed import BOARDS, UIDS, Json, all_panels, dictionaries, everything, field, label

PROVISIONING = FOLDER.parent / "provisioning"
ALTERNATIVE = FOLDER.parent / "provisioning-simpod"
TITLES = {
    "obs-overview": "Overview",
    "obs-service": "Service",
    "obs-incidents": "Incidents",
    "obs-pipeline": "Pipeline",
}
each_panel = pytest.mark.parametrize(("uid", "panel"), all_panels(), ids=label)
each_dashboard = pytest.mark.parametrize("uid", UIDS)


@each_dashboard
def test_a_dashboard_has_its_address_and_its_time(uid: str) -> None:
    board = BOARDS[uid]
    assert (board["uid"], board["title"], board["tags"]) == (uid, TITLES[uid], ["observability"])
    assert board["description"]
    assert (board["editable"], board["schemaVersion"], board["graphTooltip"]) == (False, 42, 1)
    assert (board["timezone"], board["time"]) == ("utc", {"from": "now-3h", "to": "now"})
    assert board["refresh"] == ("30s" if uid == "obs-incidents" else "10s")
    assert board["timepicker"]["refresh_intervals"] == ["5s", "10s", "30s", "1m", "5m"]


@each_dashboard
def test_a_dashboard_links_to_the_others_in_the_same_order(uid: str) -> None:
    links = BOARDS[uid]["links"]
    assert [link["title"] for link in links] == [title for other, title in TITLES.items() if other != uid]
    assert [link["url"] for link in links] == [f"/d/{other}" for other in UIDS if other != uid]
    assert all(link["keepTime"] and link["type"] == "link" for link in links)
    with_variables = [link["title"] for link in links if link["includeVars"]]
    kept = {"Overview", "Incidents"} - {TITLES[uid]} if uid != "obs-pipeline" else set()
    assert with_variables == sorted(kept, key=["Overview", "Incidents"].index)


@each_dashboard
def test_ids_are_unique(uid: str) -> None:
    ids = [panel["id"] for panel in everything(uid)]
    assert sorted(ids) == list(range(1, len(ids) + 1))


def test_layers_leave_out_what_is_a_timeline_already() -> None:
    for uid, timeline in (("obs-overview", "Anomalies by service"), ("obs-pipeline", "Processes")):
        (panel_id,) = [panel["id"] for panel in everything(uid) if panel["title"] == timeline]
        layers = BOARDS[uid]["annotations"]["list"][1:]
        assert all(layer["filter"] == {"exclude": True, "ids": [panel_id]} for layer in layers)


def test_datasources_are_named_by_uid() -> None:
    found = {
        (each["datasource"]["type"], each["datasource"]["uid"])
        for board in BOARDS.values()
        for each in dictionaries(board)
        if "datasource" in each
    }
    assert found == {
        ("prometheus", "obs-prometheus"),
        ("yesoreyeram-infinity-datasource", "obs-infinity"),
        ("grafana", "-- Grafana --"),
    }


@each_panel
def test_a_panel_says_what_it_is_and_what_its_emptiness_means(uid: str, panel: Json) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["noValue"], uid


def _numeric_columns(panel: Json) -> set[str]:
    """Return the columns of numbers and times that are shown, by the names that overrides use."""
    facts = {
        column["selector"]
        for target in panel["targets"]
        for column in target.get("columns", [])
        if column["type"] != "string"
    }
    named = {
        name
        for each in panel["transformations"]
        for old, name in each["options"].get("renameByName", {}).items()
        if old.startswith(("Trend", "Value"))
    }
    return facts | named


def _has_unit(panel: Json, column: str) -> bool:
    """Return whether a column has a unit, words for its values, or is hidden."""
    default = panel["fieldConfig"]["defaults"].get("unit")
    for override in panel["fieldConfig"]["overrides"]:
        options, pattern = {each["id"] for each in override["properties"]}, override["matcher"]["options"]
        matches = re.search(pattern.strip("/"), column) if pattern.startswith("/") else pattern == column
        if matches and options & {"unit", "mappings", "custom.hideFrom.viz"}:
            return True
    return default is not None


@each_panel
def test_every_number_has_a_unit(uid: str, panel: Json) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    match panel["type"]:
        case "timeseries":
            assert defaults["unit"], uid
        case "heatmap":
            assert panel["options"]["yAxis"]["unit"]
            assert panel["options"]["cellValues"]["unit"]
        case "state-timeline":
            assert defaults["mappings"]
        case "trend":
            assert "configFromData" in [each["id"] for each in panel["transformations"]]
        case "stat":
            curves = [target["legendFormat"] for target in panel["targets"] if "legendFormat" in target]
            assert all(_has_unit(panel, name) for name in (*curves, *_numeric_columns(panel)))
        case "table":
            unitless = [name for name in _numeric_columns(panel) if not _has_unit(panel, name)]
            assert unitless == []


@each_panel
def test_an_empty_cell_is_a_dash_and_not_the_text_of_an_empty_table(uid: str, panel: Json) -> None:
    if panel["type"] == "table":
        first = panel["fieldConfig"]["overrides"][0]
        assert first["matcher"] == {"id": "byRegexp", "options": "/.*/"}, uid
        assert first["properties"] == [{"id": "noValue", "value": "–"}]


@each_panel
def test_a_colour_is_one_of_those_with_a_meaning(uid: str, panel: Json) -> None:
    used = {
        each[key] for each in dictionaries(panel) for key in ("color", "fixedColor") if isinstance(each.get(key), str)
    }
    assert used <= {str(colour) for colour in Colour}, uid


def test_every_reason_of_a_rejection_has_words() -> None:
    (letters,) = [panel for panel in everything("obs-pipeline") if panel["title"] == "Dead letters"]
    (words,) = field(letters, "reason")["mappings"]
    assert set(words["options"]) == set(Reason)


def test_every_outcome_of_a_fault_has_a_colour() -> None:
    (faults,) = [panel for panel in everything("obs-incidents") if panel["title"] == "Injected faults"]
    (words,) = field(faults, "outcome")["mappings"]
    assert set(words["options"]) == set(Outcome)


@pytest.mark.parametrize("folder", [PROVISIONING, ALTERNATIVE], ids=lambda folder: folder.name)
def test_dashboards_are_provisioned_into_their_folder(folder: Path) -> None:
    text = (folder / "dashboards" / "observability.yml").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    for line in ("folder: Observability", "folderUid: obs", "editable: false", "path: $DASHBOARDS_DIR"):
        assert line in lines


def test_the_provisioned_datasources_are_those_of_the_dashboards() -> None:
    def uids(folder: Path) -> list[str]:
        text = (folder / "datasources" / "observability.yml").read_text(encoding="utf-8")
        return re.findall(r"^    uid: (\S+)$", text, re.MULTILINE)

    assert uids(PROVISIONING) == ["obs-prometheus", "obs-infinity"]
    assert uids(ALTERNATIVE) == ["obs-prometheus", "obs-simpod"]
