"""A batch is written completely or not at all."""

from collections.abc import Iterator

import duckdb
import pytest

from exporters.store.database import Database
from exporters.store.sink import Sink
from runtime.topic_log import Message
from tests.fast.exporters.conftest import unobserved
from tests.fast.exporters.tables import contents
from tests.fast.exporters.traffic import batch_end, messages, update

FIRST = messages([update(minute=0), batch_end(0)])
SECOND = messages([update(minute=1), batch_end(1)], first_offset=2)


class PowerFailure(Exception):  # noqa: N818 - it stands for one
    """Ends the process between the rows and the commit."""


class PowerFails(list[Message]):
    """Messages that end the process when they are read again, which the sink does after the rows, for the offsets."""

    reads = 0

    def __iter__(self) -> Iterator[Message]:
        self.reads += 1
        if self.reads > 1:
            raise PowerFailure
        return super().__iter__()


def test_a_crash_between_rows_and_commit_leaves_nothing(database: Database, sink: Sink) -> None:
    sink.apply("A", FIRST)
    before = contents(database)
    with pytest.raises(PowerFailure):
        sink.apply("A", PowerFails(SECOND))
    assert contents(database) == before


def test_the_next_start_continues_as_if_nothing_had_happened(database: Database, sink: Sink) -> None:
    with pytest.raises(PowerFailure):
        sink.apply("A", PowerFails(FIRST))
    sink = Sink(database, unobserved)
    sink.apply("A", FIRST)
    sink.apply("A", SECOND)
    with database.cursor() as cursor:
        assert cursor.execute("SELECT sum(request_count) FROM series_totals").fetchone() == (20,)
        assert cursor.execute("SELECT next_offset FROM consumed_offsets").fetchall() == [(4,)]


def test_a_statement_that_fails_late_takes_the_rows_with_it(database: Database, sink: Sink) -> None:
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE counters RENAME TO hidden")
        with pytest.raises(duckdb.Error):
            sink.apply("A", FIRST)
        assert cursor.execute("SELECT count(*) FROM endpoint_metrics").fetchone() == (0,)
        cursor.execute("ALTER TABLE hidden RENAME TO counters")
    sink.apply("A", FIRST)
    assert len(contents(database)["endpoint_metrics"]) == 1
