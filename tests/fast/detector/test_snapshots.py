"""The snapshot: whole or not there, and nothing is lost on the way."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from detector.engine import Engine
from detector.reading import PartitionPosition
from detector.settings import DetectorSettings
from detector.snapshot import FILE_NAME, Snapshot, load, save
from runtime.topic_log import TopicPartition
from tests.fast.detector.counting import CALM, FAILING, SLOW, START, Minutes, Traffic, counts

SOURCE = TopicPartition("aggregated_metrics", 3)


def snapshot_of(minutes: Minutes) -> Snapshot:
    positions = [(SOURCE, PartitionPosition(17, START))]
    return Snapshot(cluster_id="c", saved_at=START, positions=positions, engine=minutes.engine.state())


def test_without_a_file_there_is_no_snapshot(tmp_path: Path) -> None:
    assert load(tmp_path) is None


def test_what_was_saved_is_loaded(tmp_path: Path, minutes: Minutes) -> None:
    minutes.pass_minutes([FAILING, (100, 20, 1.5)])
    minutes.engine.add(counts(12))
    saved = snapshot_of(minutes)
    save(saved, tmp_path)
    loaded = load(tmp_path)
    assert loaded is not None
    assert (loaded.positions, loaded.cluster_id, loaded.saved_at) == (saved.positions, "c", START)
    assert loaded.engine == saved.engine
    assert len(loaded.engine.episodes) == 2


TRAFFIC = st.sampled_from([CALM, FAILING, SLOW, (3, 0, 0.1), (77, 1, 0.0123), (0, 0, 0.1)])


@hypothesis_settings(deadline=None, max_examples=30)
@given(before=st.lists(TRAFFIC, max_size=30), after=st.lists(TRAFFIC, max_size=20))
def test_an_engine_from_a_snapshot_goes_on_to_the_last_digit(before: list[Traffic], after: list[Traffic]) -> None:
    original = Minutes()
    original.pass_minutes(before)
    text = snapshot_of(original).model_dump_json()
    restored = Minutes(engine=Engine(DetectorSettings(), Snapshot.model_validate_json(text).engine))
    restored.minute = original.minute
    assert restored.pass_minutes(after) == original.pass_minutes(after)


def test_a_crash_while_writing_leaves_the_one_before(
    tmp_path: Path, minutes: Minutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(snapshot_of(minutes), tmp_path)
    before = load(tmp_path)
    minutes.pass_minutes([FAILING])

    def crash(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="no space"):
        save(snapshot_of(minutes), tmp_path)
    assert load(tmp_path) == before


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_damaged_snapshot_is_set_aside_and_treated_as_none(
    tmp_path: Path, minutes: Minutes, kept: int, caplog: pytest.LogCaptureFixture
) -> None:
    save(snapshot_of(minutes), tmp_path)
    path = tmp_path / FILE_NAME
    content = path.read_bytes()[:kept]
    path.write_bytes(content)
    assert load(tmp_path) is None
    assert "starting without one" in caplog.text
    assert not path.exists()
    assert (tmp_path / f"{FILE_NAME}.unreadable").read_bytes() == content


@pytest.mark.parametrize("change", [{"version": 1}, {"positions": 7}, {"engine": {"services": {"a": []}}}])
def test_a_snapshot_of_another_form_is_set_aside(tmp_path: Path, minutes: Minutes, change: dict[str, object]) -> None:
    save(snapshot_of(minutes), tmp_path)
    path = tmp_path / FILE_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert load(tmp_path) is None
    assert (tmp_path / f"{FILE_NAME}.unreadable").exists()
