"""Prometheus runs on the configuration that is shipped, with the stack's own targets."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from local.paths import REPOSITORY
from local.prometheus import SCRAPED, prometheus, write_configuration
from local.stack import Stack


def test_every_process_is_a_target_under_its_own_name(tmp_path: Path) -> None:
    stack = Stack.isolated(tmp_path, {})
    write_configuration(stack, tmp_path / "prometheus")
    groups = json.loads((tmp_path / "prometheus" / "targets" / "local.json").read_text())
    assert [group["labels"]["job"] for group in groups] == list(SCRAPED)
    assert {"targets": [f"127.0.0.1:{stack.ports.detector}"], "labels": {"job": "detector"}} in groups


def test_the_configuration_is_the_shipped_one(tmp_path: Path) -> None:
    service = prometheus(Stack.isolated(tmp_path, {}), Path("/usr/bin/prometheus"))
    (path,) = (part.partition("=")[2] for part in service.command if part.startswith("--config.file="))
    assert Path(path).read_text() == (REPOSITORY / "prometheus" / "prometheus.yml").read_text()


@pytest.mark.parametrize("token", [None, SecretStr("0123456789abcdef")])
def test_promtool_finds_no_fault(tmp_path: Path, token: SecretStr | None) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: it comes with Debian's package prometheus")
    write_configuration(replace(Stack.isolated(tmp_path, {}), token=token), tmp_path)
    command = [promtool, "check", "config", str(tmp_path / "prometheus.yml")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
