"""promtool finds no fault in the configuration and the rules, and every case holds."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fast.prometheus.shipped_rules import CASES, PROMETHEUS, RULES


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed: it comes with Debian's package prometheus")
    return found


def succeeds(*command: str | Path) -> bool:
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return ended.returncode == 0 or pytest.fail(ended.stdout + ended.stderr)


def test_the_configuration_is_sound(promtool: str) -> None:
    assert succeeds(promtool, "check", "config", PROMETHEUS / "prometheus.yml")


def test_every_rule_file_is_loaded() -> None:
    configuration = (PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"^rule_files:\n  - (.+)$", configuration, re.MULTILINE)
    assert {path.name for path in PROMETHEUS.glob(pattern)} == {"alerts.yml", "recording.yml"}


def test_the_rules_are_sound(promtool: str) -> None:
    assert succeeds(promtool, "check", "rules", "--lint-fatal", *sorted(RULES.glob("*.yml")))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_holds(promtool: str, path: Path) -> None:
    assert succeeds(promtool, "test", "rules", path)
