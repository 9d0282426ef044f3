"""Every alert says how bad it is, what is wrong, in numbers where there is one, and where to read what to do."""

import re

import pytest

from tests.fast.prometheus.shipped_rules import RUNBOOKS, Rule, alerts

SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
WITHOUT_A_NUMBER = {"ServiceDown", "ServiceUnhealthy"}
"""They say yes or no."""
WITH_A_UNIT = re.compile(
    r"\$value \| humanize(Percentage|Duration)"
    r"|printf \"%\.\df\" \$value }} (records|times)"
    r"|incidents: {{ printf \"%\.0f\" \$value }}"
)
NAMES = sorted({alert.name for alert in alerts()})

each_rule = pytest.mark.parametrize("alert", alerts(), ids=lambda alert: f"{alert.name}-{alert.fields['severity']}")


def test_there_are_alerts() -> None:
    assert len(NAMES) >= 12


@each_rule
def test_an_alert_has_a_severity(alert: Rule) -> None:
    assert alert.fields["severity"] in {"critical", "warning"}


@each_rule
def test_an_alert_tells_what_is_wrong(alert: Rule) -> None:
    assert alert.fields["summary"]
    assert alert.fields["description"].endswith(".")
    assert not alert.fields["summary"].endswith(".")


@each_rule
def test_a_description_has_the_value_in_its_unit(alert: Rule) -> None:
    has_it = WITH_A_UNIT.search(alert.fields["description"]) is not None
    assert has_it == (alert.name not in WITHOUT_A_NUMBER)


@each_rule
def test_an_alert_names_its_runbook(alert: Rule) -> None:
    assert alert.fields["runbook_url"] == f"docs/runbooks/{alert.name}.md"


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_has_its_four_sections_and_something_in_each(name: str) -> None:
    title, *parts = re.split(r"^## ", (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    sections = {head.strip(): body.strip() for head, _, body in (part.partition("\n") for part in parts)}
    assert title.strip() == f"# {name}"
    assert list(sections) == SECTIONS
    assert all(len(body) > 40 for body in sections.values())
    assert "```" in sections["Diagnosis"]


def test_every_runbook_has_its_alert_and_stands_in_the_list() -> None:
    listed = re.findall(
        r"^\| \[(\w+)\]\((\w+)\.md\) \| ([\w, ]+) \|", (RUNBOOKS / "README.md").read_text(), re.MULTILINE
    )
    severities = {name: {alert.fields["severity"] for alert in alerts() if alert.name == name} for name in NAMES}
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == set(NAMES)
    assert {name: set(told.split(", ")) for name, _, told in listed} == severities
    assert all(name == target for name, target, _ in listed)


def test_every_link_of_the_runbooks_leads_somewhere() -> None:
    links = [(page, link) for page in RUNBOOKS.glob("*.md") for link in re.findall(r"]\(([^)#]+)", page.read_text())]
    assert len(links) > 20
    assert [str(page) + " " + link for page, link in links if not (page.parent / link).is_file()] == []
