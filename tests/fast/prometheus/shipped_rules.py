"""What stands in ``prometheus/``, for tests.

Reads the plain YAML that is written there, not YAML in general: one mapping key a line, and block scalars. promtool and
amtool say whether it is YAML at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.paths import REPOSITORY

PROMETHEUS = REPOSITORY / "prometheus"
RULES = PROMETHEUS / "rules"
CASES = sorted((PROMETHEUS / "tests").glob("*.yml"))
RUNBOOKS = REPOSITORY / "docs" / "runbooks"

_KEY = re.compile(r"(?P<indent> *)(?P<item>- )?(?P<key>\w+):(?: (?P<value>.*))?")
_BLOCKS = {"|": "\n", ">-": " "}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its keys and those of its labels and annotations together; no name stands in both."""

    fields: dict[str, str]

    @property
    def name(self) -> str:
        return self.fields.get("alert") or self.fields["record"]


@dataclass(frozen=True, slots=True)
class Case:
    """What one evaluation expects of an alert: the severities that fire, none of them when it is silent."""

    scenario: str
    alert: str
    severities: tuple[str, ...]


def rules(path: Path) -> list[Rule]:
    """Return the rules of a file, in order."""
    found: list[Rule] = []
    for key, value in _pairs(path):
        if key in {"alert", "record"}:
            found.append(Rule({}))
        if found and key != "name":
            found[-1].fields[key] = value
    return found


def alerts() -> list[Rule]:
    """Return the alert rules."""
    return rules(RULES / "alerts.yml")


def records() -> list[Rule]:
    """Return the recording rules."""
    return rules(RULES / "recording.yml")


def cases() -> list[Case]:
    """Return what the cases of all files expect of alerts."""
    found: list[Case] = []
    for path in CASES:
        scenario, alert = "", ""
        severities: list[str] = []
        for key, value in [*_pairs(path), ("alertname", "")]:
            if key in {"alertname", "name"} and alert:
                found.append(Case(scenario, alert, tuple(severities)))
                alert = ""
            if key == "name":
                scenario = f"{path.stem}: {value}"
            elif key == "alertname":
                alert, severities = value, []
            elif key == "severity":
                severities.append(value)
    return found


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        match = _KEY.fullmatch(line)
        if match is not None:
            value = match["value"] or ""
            depth = len(match["indent"]) + len(match["item"] or "")
            yield match["key"], _block(lines[number + 1 :], depth, value) if value in _BLOCKS else value.strip("'")


def _block(lines: list[str], depth: int, style: str) -> str:
    inside = []
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            break
        inside.append(line.strip())
    return _BLOCKS[style].join(inside).strip()
