"""Recorded windows as a feed of the live engine."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from contracts.histogram import quantile_seconds
from detector.settings import DetectorSettings
from evaluation.comparison import DETECTOR, compared
from evaluation.recorded import REQUESTS_WHEN_UNKNOWN, Recording
from evaluation.windows_file import UnreadableFileError, WindowRow, read_labels, read_windows
from tests.fast.evaluation.recordings import MINUTE, START, labels, rows, write_labels, write_windows

FAULTY = {80, 81, 82, 110, 111, 112}


def histogram_of(row: WindowRow) -> tuple[dict[int, int], int]:
    (batch,) = Recording.of([row]).batches()
    buckets = batch.counts[0].buckets
    return {index: requests for index, requests, _ in buckets}, sum(errors for _, _, errors in buckets)


@pytest.mark.parametrize("requests", [1, 4, 16, 100, 12_345])
def test_the_histogram_has_the_recorded_quantiles_at_their_ranks(requests: int) -> None:
    row = WindowRow("a", START, requests, 0.25, None, {500: 20.0, 900: 50.0, 950: 80.0, 990: 400.0})
    histogram, errors = histogram_of(row)
    assert sum(histogram.values()) == requests
    assert errors == round(requests / 4)
    if requests >= 100:
        for per_mille, expected_ms in row.quantiles_ms.items():
            assert quantile_seconds(histogram, per_mille) == pytest.approx(expected_ms / 1000, rel=0.011)


def test_what_is_not_recorded_alarms_nobody() -> None:
    windows = [WindowRow("a", START + n * MINUTE, None, None, None, {}) for n in range(120)]
    (result, *_) = compared(Recording.of(windows), [], DetectorSettings())
    assert list(result.anomalies) == []
    histogram, errors = histogram_of(windows[0])
    assert (sum(histogram.values()), errors) == (REQUESTS_WHEN_UNKNOWN, 0)


def test_where_the_tail_alone_is_known_to_be_slow_the_rest_counts_as_usual() -> None:
    calm = [WindowRow("a", START + n * MINUTE, 100.0, None, None, {900: 40.0, 950: 50.0}) for n in range(80)]
    tail = replace(calm[-1], start_seconds=START + 80 * MINUTE, quantiles_ms={900: 280.0, 950: 300.0})
    (own, *_) = compared(Recording.of([*calm, tail]), [], DetectorSettings())
    assert list(own.anomalies) == [], "one minute with a tenth of slow requests is no fault"


def test_a_window_without_latencies_has_those_of_the_one_before() -> None:
    first = WindowRow("a", START, 100.0, None, None, {950: 80.0})
    second = WindowRow("a", START + MINUTE, 100.0, None, None, {})
    before, after = (batch.counts[0].buckets for batch in Recording.of([first, second]).batches())
    assert before == after


@pytest.mark.parametrize("step_seconds", [10.0, 30.0, 60.0, 300.0])
def test_windows_of_any_length_are_judged_and_told_in_the_time_of_the_recording(step_seconds: float) -> None:
    per_minute = max(1, round(MINUTE / step_seconds))
    faulty = {n for minute in FAULTY for n in range(minute * per_minute, (minute + 1) * per_minute)}
    recording = Recording.of(rows(150 * per_minute, faulty, step_seconds=step_seconds))
    onsets = labels([80 * per_minute, 110 * per_minute], step_seconds)
    own = compared(recording, onsets, DetectorSettings())[0]
    assert own.name == DETECTOR
    late = [min(abs(alarm.start_seconds - label.start_seconds) for alarm in own.alarms) for label in onsets]
    assert max(late) <= 3 * max(step_seconds, MINUTE)
    assert len(own.anomalies) == 4, "latency and errors, twice"


def test_clocks_that_wobble_and_services_that_are_written_at_other_moments_are_no_silence() -> None:
    random = Random(1)
    steady = [replace(row, start_seconds=row.start_seconds + random.uniform(-0.9, 0.9)) for row in rows(150, set())]
    others = [replace(row, start_seconds=row.start_seconds + 20) for row in rows(150, set(), service="b")]
    (own, *_) = compared(Recording.of([*steady, *others]), [], DetectorSettings())
    assert list(own.anomalies) == []


def test_files_are_read_as_they_were_written(tmp_path: Path) -> None:
    windows = rows(5, {2})
    read = read_windows(write_windows(tmp_path / "w.csv", windows))
    assert [(row.service, row.start_seconds, row.requests) for row in read] == [
        (row.service, row.start_seconds, row.requests) for row in windows
    ]
    assert read_labels(write_labels(tmp_path / "l.csv", labels([2]))) == labels([2])


def test_columns_may_be_missing_and_cells_empty(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text("service,ts,avg,p99.9,note\na,0,,12.5,x\na,60,7,nan,y\n")
    first, second = read_windows(path)
    assert (first.requests, first.error_ratio, first.average_ms, first.quantiles_ms) == (None, None, None, {999: 12.5})
    assert (second.average_ms, second.quantiles_ms) == (7.0, {})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("service,ts\n,5\n", "line 2: service and ts"), ("service,ts,p95\na,5,fast\n", "line 2: p95 is 'fast'")],
)
def test_what_is_no_window_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "w.csv"
    path.write_text(text)
    with pytest.raises(UnreadableFileError, match=complaint):
        read_windows(path)


def test_a_label_without_a_time_is_named(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("t,service\n,a\n")
    with pytest.raises(UnreadableFileError, match="line 2: t is missing"):
        read_labels(path)
