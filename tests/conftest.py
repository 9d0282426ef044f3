"""What all tests share."""

from pathlib import Path

import pytest

from contracts.settings import settings_table
from local.live_stack import LiveSettings

INTEGRATION = Path(__file__).parent / "integration"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each folder of integration tests on one worker: its broker, its JVM and its order are shared there."""
    for item in items:
        if item.path.is_relative_to(INTEGRATION):
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's .env, which ``make`` hands on, changes no test."""
    for name, _, _ in settings_table(LiveSettings):
        monkeypatch.delenv(name, raising=False)
