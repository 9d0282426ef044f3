"""Dead letters are kept once per position."""

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.traffic import LETTERS, dead_letter, messages


def test_a_repeated_letter_replaces_itself(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([dead_letter(7), dead_letter(7, reason="future")], LETTERS))
    sink.apply("A", messages([dead_letter(7, reason="future")], LETTERS, first_offset=2))
    assert rows('SELECT "offset", reason FROM dead_letters') == [{"offset": 7, "reason": "future"}]


def test_the_same_position_on_another_cluster_is_another_letter(sink: Sink, rows: Rows) -> None:
    for cluster_id in ("A", "B"):
        sink.apply(cluster_id, messages([dead_letter(7)], LETTERS))
    assert rows("SELECT cluster_id FROM dead_letters ORDER BY ALL") == [{"cluster_id": "A"}, {"cluster_id": "B"}]


def test_hostile_content_is_kept_as_it_is(sink: Sink, rows: Rows) -> None:
    content = "'); DROP TABLE dead_letters; --\x00\x1b[31m\u202e"
    sink.apply("A", messages([dead_letter(7, content=content)], LETTERS))
    assert rows("SELECT content FROM dead_letters") == [{"content": content}]
