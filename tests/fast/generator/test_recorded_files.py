"""The real recordings beside the project are read wholly."""

from pathlib import Path

import pytest

from generator.recording import open_recording

RECORDED = Path(__file__).parents[3].parent / "shared" / "data"


@pytest.mark.parametrize(
    ("name", "rows", "services", "endpoints"),
    [
        ("events_2022-08-23_nezha_mit.csv.gz", 307_507, 10, 15),
        ("events_2023-01-29_nezha_mit.csv.gz", 56_470, 28, 48),
    ],
)
def test_a_recorded_file_is_read_wholly(name: str, rows: int, services: int, endpoints: int) -> None:
    if not (RECORDED / name).is_file():
        pytest.skip(f"the recording ../shared/data/{name} is not beside this checkout")
    recording = open_recording(RECORDED / name)
    read = list(recording.rows())
    assert (recording.row_count, recording.in_order) == (rows, True)
    assert len({row.event_id for row in read}) == rows
    assert len({row.service for row in read}) == services
    assert len({row.endpoint for row in read}) == endpoints
