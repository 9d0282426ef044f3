"""What the narrator's tests share."""

import pytest

from contracts.settings import settings_table
from narrator.settings import NarratorSettings


@pytest.fixture(autouse=True)
def no_narrator_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's .env changes no test."""
    for name, _, _ in settings_table(NarratorSettings):
        monkeypatch.delenv(name, raising=False)
