"""A wiped broker is another cluster: another checkpoint, and a warning."""

import logging
from pathlib import Path

import pytest

from streaming.checkpoint import checkpoint_location, note_cluster


def test_each_cluster_has_its_own_checkpoint() -> None:
    assert checkpoint_location("data/checkpoints/", "abc") == "data/checkpoints/form-2/abc"
    assert checkpoint_location("hdfs://host/checkpoints", "abc") == "hdfs://host/checkpoints/form-2/abc"


def test_the_same_cluster_again_is_nothing_to_say(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert not note_cluster(tmp_path, "abc")
    assert not note_cluster(tmp_path, "abc")
    assert not caplog.records


def test_another_cluster_is_loud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    note_cluster(tmp_path, "abc")
    with caplog.at_level(logging.WARNING):
        assert note_cluster(tmp_path, "def")
    assert "another Kafka cluster" in caplog.text
