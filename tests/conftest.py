"""What all tests share."""

import pytest

from contracts.settings import settings_table
from exporters.settings import ExportersSettings
from local.broker_command import BrokerSettings
from streaming.settings import StreamingSettings


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's .env, which ``make`` hands on, changes no test."""
    for name, _, _ in settings_table(StreamingSettings, ExportersSettings, BrokerSettings):
        monkeypatch.delenv(name, raising=False)
