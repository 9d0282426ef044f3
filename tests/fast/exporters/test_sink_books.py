"""Each micro-batch is booked once, however often its end arrives."""

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.traffic import PARTITIONS, batch_end, messages


def counters(rows: Rows) -> dict[tuple[object, object], object]:
    return {(row["name"], row["labels"]): row["value"] for row in rows("FROM counters")}


def test_the_copies_of_all_partitions_count_once(sink: Sink, rows: Rows) -> None:
    for source in PARTITIONS:
        sink.apply("A", messages([batch_end(received=10)], source))
    assert rows("SELECT run_id, batch_id, received, offsets_read FROM stream_batches") == [
        {"run_id": "run", "batch_id": 0, "received": 10, "offsets_read": 10}
    ]
    assert counters(rows)["events_received_total", "{}"] == 10


def test_every_class_has_its_counter(sink: Sink, rows: Rows) -> None:
    end = batch_end(received=20, counted=10, duplicate=1, late=2, invalid={"empty": 3}, future=4, lost=5)
    sink.apply("A", messages([end]))
    found = counters(rows)
    assert found["events_counted_total", "{}"] == 10
    assert found["events_duplicate_total", "{}"] == 1
    assert found["events_late_total", "{}"] == 2
    assert found["events_rejected_total", '{"reason": "empty"}'] == 3
    assert found["events_rejected_total", '{"reason": "future"}'] == 4
    assert found["events_lost_total", "{}"] == 5


def test_the_duration_is_counted_in_every_bucket_that_holds_it(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([batch_end(0, duration_seconds=1.5), batch_end(1, duration_seconds=0.25)]))
    found = counters(rows)
    name = "streaming_batch_duration_seconds"
    assert [found[f"{name}_bucket", f'{{"le": "{le}"}}'] for le in ("0.1", "0.25", "2.0", "+Inf")] == [0, 1, 2, 2]
    assert found[f"{name}_sum", "{}"] == 1.75


def test_batches_of_another_run_are_other_batches(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([batch_end(0), batch_end(0, run_id="second")]))
    assert rows("SELECT count(*) AS n FROM stream_batches") == [{"n": 2}]


def test_a_batch_that_spark_repeats_is_booked_once(sink: Sink, rows: Rows) -> None:
    first, again = batch_end(0), batch_end(0, duration_seconds=9.0, emitted_at=batch_end(5).emitted_at)
    sink.apply("A", messages([again, first]))
    sink.apply("A", messages([again], PARTITIONS[1]))
    assert rows("SELECT duration_seconds FROM stream_batches") == [{"duration_seconds": 1.5}]
