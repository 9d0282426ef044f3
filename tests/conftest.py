"""What all tests share: their order, their workers, and settings of the surroundings that change nothing."""

import logging
from collections.abc import Iterator
from pathlib import PurePath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from contracts.settings import settings_table
from local.live_stack import LiveSettings

LONGEST_FIRST = ("demo", "pipeline", "crashes", "generator", "narrator", "local", "replay", "conformance")
"""The folders of integration tests, in the order in which workers take them; files of fast tests come after them."""


class FolderScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps each folder of integration tests on one worker: its broker, its JVM and its order are shared there."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePath(nodeid.partition("::")[0])
        return str(path.parent if "integration" in path.parts else path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FolderScheduling:
    """Let several workers take whole folders."""
    return FolderScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    folder = item.path.parent.name
    is_integration = "integration" in item.path.parts
    return LONGEST_FIRST.index(folder) if is_integration and folder in LONGEST_FIRST else len(LONGEST_FIRST)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's .env, which ``make`` hands on, changes no test."""
    for name, _, _ in settings_table(LiveSettings):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command under test sends what its process logs to its own standard error, which ends with the test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
    root.setLevel(level)
