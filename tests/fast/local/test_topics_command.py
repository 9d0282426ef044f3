"""The command that makes the topics waits for the broker, and says in the end that there is none."""

import pytest

from local import topics_command
from local.ports import LOOPBACK, free_ports


def test_a_broker_that_never_comes_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (nobody,) = free_ports(1)
    monkeypatch.setenv("KAFKA_BROKER", f"{LOOPBACK}:{nobody}")
    monkeypatch.setattr(topics_command, "DEADLINE_SECONDS", 0.0)
    assert topics_command.main([]) == 1
    assert f"{LOOPBACK}:{nobody}" in capsys.readouterr().err
