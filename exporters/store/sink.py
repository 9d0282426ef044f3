"""The sink: applies topic records to the tables, each list in one transaction together with its offsets."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter

from exporters.store.books import write_books
from exporters.store.counters import Rises
from exporters.store.database import Database
from exporters.store.decode import decode
from exporters.store.fold import fold_updates
from exporters.store.incident_records import write_anomalies, write_injections, write_summaries
from exporters.store.letters import write_letters
from exporters.store.progress import Progress, read_progress, write_progress
from exporters.store.transaction import transaction
from runtime.topic_log import Message

Observe = Callable[[str, float], None]
"""Is told the name of a query and the seconds that it took."""
NO_GATE = nullcontext()
"""For a store that nobody else writes."""


class Sink:
    """The writer of the tables that topics fill. Use it from one thread."""

    def __init__(self, database: Database, observe: Observe, gate: AbstractContextManager[object] = NO_GATE) -> None:
        """Take a cursor.

        Args:
            database: where to write.
            observe: is told the time of each batch.
            gate: a lock that is held while a batch is applied, so that maintenance, which holds it too, waits.
        """
        self._cursor = database.cursor()
        self._observe = observe
        self._gate = gate

    def apply(self, cluster_id: str, messages: Sequence[Message]) -> None:
        """Apply messages of one cluster, in order within each partition; all of them or, on an error, none.

        Messages that were applied before change nothing. A malformed one is logged, counted and passed over.

        Raises:
            duckdb.Error: the database failed; nothing was written.
        """
        started = perf_counter()
        decoded = decode(messages)
        rises = Rises()
        with self._gate, transaction(self._cursor):
            fold_updates(self._cursor, cluster_id, decoded.updates)
            write_books(self._cursor, (end for _, end in decoded.batch_ends), rises)
            write_letters(self._cursor, cluster_id, decoded.dead_letters)
            write_anomalies(self._cursor, decoded.anomalies, rises)
            write_summaries(self._cursor, decoded.summaries, rises)
            write_injections(self._cursor, decoded.injections, rises)
            write_progress(self._cursor, cluster_id, messages, decoded, rises)
            rises.write(self._cursor)
        self._observe("sink_apply", perf_counter() - started)

    def progress(self, cluster_id: str) -> Progress:
        """Return how far this sink has come on a cluster; empty on one that is new."""
        return read_progress(self._cursor, cluster_id)

    def close(self) -> None:
        """Release the cursor."""
        self._cursor.close()
