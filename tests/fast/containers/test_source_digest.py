"""A container is made anew when an image or a mounted file of it is another one, and only then."""

import shutil
from pathlib import Path

import pytest

from containers import commands, source
from local.paths import REPOSITORY
from tests.fast.containers.compose_file import services

READ_AGAIN = {"./grafana/dashboards"}
"""Mounted folders whose reader looks for changes by itself."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout with one file of each kind."""
    shutil.copy(REPOSITORY / "Dockerfile", tmp_path)
    (tmp_path / ".dockerignore").write_text("# what gets in\n*\n!contracts\n!requirements.txt\n**/*.pyc\n")
    for name in ("requirements.txt", "contracts/event.py", "prometheus/rules/a.yml", "grafana/provisioning/d.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["Dockerfile", ".dockerignore", "requirements.txt", "contracts/event.py", "prometheus/rules/a.yml"]
)
def test_another_content_is_another_digest(checkout: Path, name: str) -> None:
    before = source.digest(checkout)
    assert source.digest(checkout) == before
    with (checkout / name).open("a") as file:
        file.write("\n")
    assert source.digest(checkout) != before


def test_a_file_that_is_renamed_or_moved_is_another_digest(checkout: Path) -> None:
    before = source.digest(checkout)
    (checkout / "contracts" / "event.py").rename(checkout / "contracts" / "events.py")
    assert source.digest(checkout) != before


@pytest.mark.parametrize("name", [".env", "data/observability.db", "docs/a.md", "contracts/__pycache__/event.pyc"])
def test_what_no_container_runs_on_changes_nothing(checkout: Path, name: str) -> None:
    before = source.digest(checkout)
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("new")
    assert source.digest(checkout) == before


def test_everything_that_is_mounted_is_in_the_digest_and_its_container_carries_it() -> None:
    covered = [REPOSITORY / name for name in (*source.in_images(REPOSITORY), *source.MOUNTED)]
    for name, service in services().items():
        mounted = {volume.partition(":")[0] for volume in service.get("volumes", []) if volume.startswith("./")}
        for path in mounted - READ_AGAIN:
            assert any((REPOSITORY / path).is_relative_to(one) for one in covered), path
        if mounted or "build" in service:
            assert service["labels"] == {"observability.source": f"${{{source.VARIABLE}:-}}"}, name


def test_every_image_that_is_built_here_is_built_by_one_service() -> None:
    built = {name: service["image"] for name, service in services().items() if "build" in service}
    assert sorted(built[name] for name in commands.BUILT) == sorted(set(built.values()))
