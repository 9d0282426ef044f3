"""Sink and maintenance never write at the same moment."""

import threading

from exporters.store.database import Database
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows, unobserved
from tests.fast.exporters.traffic import messages, update


def test_the_sink_waits_for_whoever_holds_the_gate(database: Database, rows: Rows) -> None:
    gate = threading.Lock()
    sink = Sink(database, unobserved, gate)
    writing = threading.Thread(target=sink.apply, args=("A", messages([update()])))
    with gate:
        writing.start()
        writing.join(0.2)
        assert writing.is_alive()
        assert rows("FROM endpoint_metrics") == []
    writing.join()
    assert len(rows("FROM endpoint_metrics")) == 1
    sink.close()
