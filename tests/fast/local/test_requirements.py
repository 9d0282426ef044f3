import re
import tomllib
from pathlib import Path

import pytest

from local import virtual_environment
from local.paths import REPOSITORY

PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (REPOSITORY / name).read_text("utf-8"), re.MULTILINE))


def test_requirements_in_is_what_the_project_declares() -> None:
    lines = (REPOSITORY / "requirements.in").read_text("utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == PYPROJECT["project"]["dependencies"]


def test_the_development_packages_contain_the_runtime_ones_at_the_same_versions() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_every_declared_package_is_pinned() -> None:
    declared = PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    names = {re.split(r"[<>=\[ ]", line)[0] for line in declared}
    assert names <= pins("requirements-dev.txt").keys()


@pytest.mark.parametrize("name", ["requirements.in", "requirements.txt", "requirements-dev.txt"])
def test_no_registry_is_named(name: str) -> None:
    text = (REPOSITORY / name).read_text("utf-8")
    assert not re.search(r"https?:|--(extra-)?index|--find-links", text)


def test_changed_requirements_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements, python = tmp_path / "requirements.txt", tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    requirements.write_text("a==1\n")
    monkeypatch.setattr(virtual_environment, "REQUIREMENTS", (requirements,))
    monkeypatch.setattr(virtual_environment, "VENV", tmp_path)
    monkeypatch.setattr(virtual_environment, "STAMP", tmp_path / "stamp")
    assert not virtual_environment.is_installed()
    virtual_environment.write_stamp()
    assert virtual_environment.is_installed()
    requirements.write_text("a==2\n")
    assert not virtual_environment.is_installed()
