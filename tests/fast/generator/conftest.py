"""Recordings for the tests of the generator."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = "ts_ms,service,endpoint,latency_ms,trace_id"
WriteRecording = Callable[..., Path]


@pytest.fixture
def write_recording(tmp_path: Path) -> WriteRecording:
    """Write lines under a header to a file and return its path."""

    def write(*lines: str, header: str = HEADER, name: str = "recording.csv") -> Path:
        path = tmp_path / name
        content = "\n".join((header, *lines, "")).encode("utf-8", "surrogateescape")
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write


@pytest.fixture
def shop(write_recording: WriteRecording) -> Path:
    """A recording of 300 requests, one every 100 ms."""
    return write_recording(*(f"{1_700_000_000_000 + 100 * i},checkout,/api/cart,{i}.5,t{i % 7}" for i in range(300)))
