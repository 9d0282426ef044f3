"""The rows of /services, /batches, /dead-letters and /books."""

from datetime import timedelta

import pytest

from contracts.histogram import representative_seconds
from contracts.records import Bucket
from contracts.times import to_epoch_ms
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.traffic import LETTERS, START, batch_end, dead_letter, messages, update

START_MS = to_epoch_ms(START)


def test_a_service_has_its_endpoints_and_when_it_was_seen(web: Web, sink: Sink) -> None:
    sink.apply("A", messages([update(minute=0, endpoint="/a"), update(minute=4, endpoint="/b")]))
    (row,) = web.get("/api/v1/services")
    assert (row["service"], row["endpoints"]) == ("checkout", 2)
    assert (row["first_seen"], row["last_seen"]) == (START_MS, START_MS + 300_000)
    assert web.get(f"/api/v1/services?from={START_MS + 300_001}") == []


def test_a_service_has_its_figures_over_all_hours(web: Web, sink: Sink) -> None:
    fast, slow = Bucket(-96, 95, 0, 11.0, 0.125), Bucket(0, 5, 2, 5.0, 1.0)
    sink.apply("A", messages([update(buckets=(fast,)), update(minute=90, endpoint="/b", buckets=(slow,))]))
    (row,) = web.get("/api/v1/services")
    assert (row["requests"], row["error_ratio"]) == (100, 0.02)
    assert row["p95_seconds"] == pytest.approx(representative_seconds(-96))


def test_a_batch_shows_its_books(web: Web, sink: Sink) -> None:
    watermark = START - timedelta(seconds=30)
    sink.apply("A", messages([batch_end(0, counted=8, invalid={"empty": 1}, watermark=watermark), batch_end(1)]))
    newest, oldest = web.get("/api/v1/batches")
    assert (newest["batch_id"], newest["watermark_age_seconds"]) == (1, None)
    assert oldest == {
        "batch_id": 0, "run_id": "run", "ended_at": START_MS, "received": 10, "counted": 8, "duplicate": 0, "late": 0,
        "invalid": 1, "future": 0, "lost": 0, "unaccounted": 1, "duration_seconds": 1.5, "watermark_age_seconds": 30.0,
    }  # fmt: skip


def test_a_batch_is_in_range_when_it_overlaps(web: Web, sink: Sink) -> None:
    sink.apply("A", messages([batch_end(0)]))
    assert len(web.get(f"/api/v1/batches?from={START_MS}")) == 1
    assert len(web.get(f"/api/v1/batches?to={START_MS - 1500}")) == 1
    assert web.get(f"/api/v1/batches?to={START_MS - 1501}") == []
    assert web.get(f"/api/v1/batches?from={START_MS + 1}") == []


def test_a_dead_letter_has_a_printable_preview(web: Web, sink: Sink) -> None:
    sink.apply("A", messages([dead_letter(0, content="a\x00b\x1b" + "x" * 600)], LETTERS))
    (row,) = web.get("/api/v1/dead-letters")
    assert list(row) == ["time", "reason", "topic", "partition", "offset", "size_bytes", "preview", "sha256"]
    assert row["preview"] == "a�b�" + "x" * 508
    assert (row["time"], row["topic"], row["partition"], row["offset"]) == (START_MS, "raw_events", 0, 0)


def test_dead_letters_come_newest_first_up_to_the_limit(web: Web, sink: Sink) -> None:
    sink.apply("A", messages([dead_letter(offset) for offset in range(5)], LETTERS))
    assert [row["offset"] for row in web.get("/api/v1/dead-letters?limit=2")] == [4, 3]


def test_the_books_balance(web: Web, sink: Sink) -> None:
    end = batch_end(0, received=20, counted=10, duplicate=1, late=2, invalid={"empty": 3}, future=4, lost=5)
    sink.apply("A", messages([update(), end]))
    assert web.get("/api/v1/books") == [
        {
            "received": 20, "counted": 10, "duplicate": 1, "late": 2, "invalid": 3, "future": 4, "lost": 5,
            "unaccounted": 0, "offsets_read": 20, "requests_stored": 10, "windows": 1, "batches": 1, "runs": 1,
        }
    ]  # fmt: skip


def test_empty_books_are_zeros(web: Web) -> None:
    (row,) = web.get("/api/v1/books")
    assert set(row.values()) == {0}
