"""Recordings: what is read, and what is refused with file, line and reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.recording import open_recording
from generator.recording_file import MalformedRecordingError, UnreadableRecordingError
from generator.row import Row

WriteRecording = Callable[..., Path]
LINE = "1661256087650,frontend,/api/cart,200.384,ab"


def test_a_row_holds_what_was_recorded(write_recording: WriteRecording) -> None:
    recording = open_recording(write_recording(LINE))
    row = Row(f"{recording.digest}-1", 1661256087650, "frontend", "/api/cart", 200.384, 200, "ab")
    assert list(recording.rows()) == [row]


def test_compression_changes_neither_rows_nor_identities(write_recording: WriteRecording) -> None:
    plain = open_recording(write_recording(LINE, LINE))
    compressed = open_recording(write_recording(LINE, LINE, name="recording.csv.gz"))
    assert list(plain.rows()) == list(compressed.rows())


def test_equal_lines_are_different_requests(write_recording: WriteRecording) -> None:
    rows = list(open_recording(write_recording(LINE, LINE)).rows())
    assert [row.event_id[-2:] for row in rows] == ["-1", "-2"]


def test_columns_come_in_any_order_and_others_are_ignored(write_recording: WriteRecording) -> None:
    path = write_recording("x,503,7.5,,/a,s,12", header="note,status_code,latency_ms,trace_id,endpoint,service,ts_ms")
    (row,) = open_recording(path).rows()
    assert row[1:] == (12, "s", "/a", 7.5, 503, None)


def test_a_status_that_was_not_recorded_is_200(write_recording: WriteRecording) -> None:
    path = write_recording(
        "1,s,/a,1,t,", "2,s,/a,1,t,404", header="ts_ms,service,endpoint,latency_ms,trace_id,status_code"
    )
    assert [row.status_code for row in open_recording(path).rows()] == [200, 404]


def test_quotes_a_byte_order_mark_and_empty_lines_are_understood(write_recording: WriteRecording) -> None:
    path = write_recording("", '1,s,"/a,""b""",1,t', "", header="\ufeffts_ms,service,endpoint,latency_ms,trace_id")
    assert [(row.endpoint, row.event_id[-2:]) for row in open_recording(path).rows()] == [('/a,"b"', "-1")]


def test_rows_are_shifted_as_asked(write_recording: WriteRecording) -> None:
    (row,) = open_recording(write_recording(LINE)).rows(shift_ms=-650)
    assert row.event_time_ms == 1661256087000


def test_an_unsorted_file_is_sorted_and_rows_keep_their_identity(write_recording: WriteRecording) -> None:
    recording = open_recording(write_recording("30,s,/a,1,t", "10,s,/a,1,t", "20,s,/a,1,t"))
    assert not recording.in_order
    assert (recording.first_ms, recording.last_ms, recording.span_ms) == (10, 30, 20)
    assert [(row.event_time_ms, row.event_id[-1]) for row in recording.rows()] == [(10, "2"), (20, "3"), (30, "1")]


def test_rows_are_read_one_by_one(write_recording: WriteRecording) -> None:
    recording = open_recording(write_recording(LINE, LINE))
    write_recording(LINE, "broken")
    rows = recording.rows()
    assert next(rows).service == "frontend"
    with pytest.raises(MalformedRecordingError, match="line 3"):
        next(rows)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("soon,s,/a,1,t", "ts_ms 'soon'"),
        ("-1,s,/a,1,t", "ts_ms '-1'"),
        ("1.5,s,/a,1,t", "ts_ms '1.5'"),
        ("1661256087650000,s,/a,1,t", "before the year 10000"),
        ("1,two words,/a,1,t", "service 'two words'"),
        ("1,,/a,1,t", "service ''"),
        ("1,s,,1,t", "endpoint ''"),
        ("1,s,/caf\udce9,1,t", "endpoint"),
        ("1,s,/a,fast,t", "latency_ms 'fast'"),
        ("1,s,/a,1_0,t", "latency_ms '1_0'"),
        ("1,s,/a,nan,t", "latency_ms 'nan'"),
        ("1,s,/a,3600000.1,t", "latency_ms '3600000.1'"),
        ("1,s,/a,1,\x07", "trace_id"),
        ("1,s,/a,1", "the line has 4 fields, the header has 5"),
        ('1,s,"/a,1,t', "unexpected end of data"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(write_recording: WriteRecording, line: str, wrong: str) -> None:
    path = write_recording(LINE, line)
    with pytest.raises(MalformedRecordingError) as refused:
        open_recording(path)
    assert str(refused.value).startswith(f"{path}, line 3: ")
    assert wrong in str(refused.value)


@pytest.mark.parametrize("status", ["99", "600", "200.0", "ok"])
def test_a_wrong_status_is_refused(write_recording: WriteRecording, status: str) -> None:
    path = write_recording(f"1,s,/a,1,t,{status}", header="ts_ms,service,endpoint,latency_ms,trace_id,status_code")
    with pytest.raises(MalformedRecordingError, match=f"line 2: status_code '{status}'"):
        open_recording(path)


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        (
            "ts_ms,service,latency",
            "line 1: the header lacks endpoint, latency_ms, trace_id; it has ts_ms, service, lat",
        ),
        ("ts_ms,ts_ms,service,endpoint,latency_ms,trace_id", "the header has ts_ms more than once"),
    ],
)
def test_a_wrong_header_is_refused(write_recording: WriteRecording, header: str, wrong: str) -> None:
    with pytest.raises(MalformedRecordingError, match=wrong):
        open_recording(write_recording(header=header))


def test_a_recording_without_rows_is_refused(write_recording: WriteRecording) -> None:
    with pytest.raises(MalformedRecordingError, match="no rows"):
        open_recording(write_recording())


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(MalformedRecordingError, match="it has no columns"):
        open_recording(tmp_path / "empty.csv")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecordingError, match=r"absent.csv: No such file"):
        open_recording(tmp_path / "absent.csv")


def test_a_file_that_was_cut_short_is_damaged(write_recording: WriteRecording) -> None:
    path = write_recording(*[LINE] * 100, name="recording.csv.gz")
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(UnreadableRecordingError, match="damaged"):
        open_recording(path)
