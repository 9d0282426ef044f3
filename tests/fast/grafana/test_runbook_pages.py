"""Every alert leads to its runbook, and all links inside of runbooks lead somewhere, without an address to set."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from grafana.build import FOLDER
from grafana.dashboards_source.runbooks import runbooks
from tests.fast.grafana.committed import UIDS, field, panels
from tests.fast.prometheus.shipped_rules import alerts

PAGES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("runbook-*.json"))
}
each_page = pytest.mark.parametrize("uid", PAGES)


def _content(uid: str) -> str:
    (panel,) = PAGES[uid]["panels"]
    return str(panel["options"]["content"])


def test_every_alert_has_a_page_under_the_address_that_its_table_links_to() -> None:
    (table,) = [panel for panel in panels("obs-pipeline") if panel["title"] == "Alerts firing"]
    (link,) = field(table, "alertname")["links"]
    assert {link["url"].replace("${__value.text}", rule.name) for rule in alerts()} == {f"/d/{uid}" for uid in PAGES}


@each_page
def test_a_page_is_found_by_its_alert(uid: str) -> None:
    page = PAGES[uid]
    assert page["title"] == f"Runbook {uid.removeprefix('runbook-')}"
    assert (page["tags"], page["editable"], page["refresh"]) == (["runbook"], False, "")
    assert len(uid) <= 40, "Grafana refuses longer ones"


@each_page
def test_a_page_has_the_four_parts_and_ends_where_its_file_ends(uid: str) -> None:
    text = _content(uid)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Meaning", "Impact", "Diagnosis", "Mitigation"]
    file = Path("docs", "runbooks", f"{uid.removeprefix('runbook-')}.md")
    assert text.splitlines()[-2:] == [_as_linked(line) for line in file.read_text(encoding="utf-8").splitlines()[-2:]]


def _as_linked(line: str) -> str:
    return re.sub(r"\((\w+)\.md\)", r"(/d/runbook-\1)", line)


@each_page
def test_links_of_a_page_lead_somewhere(uid: str) -> None:
    addresses = re.findall(r"\]\(([^)]+)\)", _content(uid))
    assert {address.removeprefix("/d/") for address in addresses} <= {*PAGES, *UIDS}


def test_of_a_link_to_a_page_that_grafana_lacks_the_words_remain(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Runbooks\n", encoding="utf-8")
    (tmp_path / "Odd.md").write_text("# Odd\n\nSee [detection.md](../detection.md), [that](Other.md).\n", "utf-8")
    (page,) = runbooks(tmp_path)
    (text,) = page.panels
    assert text.json(1)["options"] == {
        "mode": "markdown",
        "content": "See detection.md, [that](/d/runbook-Other).\n",
    }
