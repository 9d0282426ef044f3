"""The sink: applies topic records to the tables, each list in one transaction together with its offsets."""

from collections.abc import Callable, Sequence
from time import perf_counter

from exporters.store.books import write_books
from exporters.store.counters import Rises
from exporters.store.database import Database
from exporters.store.decode import decode
from exporters.store.fold import fold_updates
from exporters.store.letters import write_letters
from exporters.store.progress import Progress, read_progress, write_progress
from exporters.store.transaction import transaction
from runtime.topic_log import Message

Observe = Callable[[str, float], None]
"""Is told the name of a query and the seconds that it took."""


class Sink:
    """The only writer of the tables. Use it from one thread."""

    def __init__(self, database: Database, observe: Observe) -> None:
        self._cursor = database.cursor()
        self._observe = observe

    def apply(self, cluster_id: str, messages: Sequence[Message]) -> None:
        """Apply messages of one cluster, in order within each partition; all of them or, on an error, none.

        Messages that were applied before change nothing. A malformed one is logged, counted and passed over.

        Raises:
            duckdb.Error: the database failed; nothing was written.
        """
        started = perf_counter()
        decoded = decode(messages)
        rises = Rises()
        with transaction(self._cursor):
            fold_updates(self._cursor, cluster_id, decoded.updates)
            write_books(self._cursor, (end for _, end in decoded.batch_ends), rises)
            write_letters(self._cursor, cluster_id, decoded.dead_letters)
            write_progress(self._cursor, cluster_id, messages, decoded, rises)
            rises.write(self._cursor)
        self._observe("sink_apply", perf_counter() - started)

    def progress(self, cluster_id: str) -> Progress:
        """Return how far this sink has come on a cluster; empty on one that is new."""
        return read_progress(self._cursor, cluster_id)

    def close(self) -> None:
        """Release the cursor."""
        self._cursor.close()
