"""``python -m exporters``, hanging inside a transaction (windows written, offsets not) or between two.

The arguments are the place (``inside`` or ``between``) and the file to write when it is reached.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from contracts.records import BatchEnd
from exporters import __main__ as service
from exporters.store import sink
from exporters.store.books import write_books
from exporters.store.counters import Rises
from exporters.store.sink import Sink
from runtime.topic_log import Message
from tests.integration.crashes.hang import Hang

FIFTH_TIME = 5


def main() -> int:
    place, reached = sys.argv.pop(1), Path(sys.argv.pop(1))
    hang = Hang(reached, FIFTH_TIME)
    apply = Sink.apply

    def write_and_hang(cursor: duckdb.DuckDBPyConnection, ends: Iterable[BatchEnd], rises: Rises) -> None:
        write_books(cursor, ends, rises)
        hang()

    def apply_and_hang(self: Sink, cluster_id: str, messages: Sequence[Message]) -> None:
        apply(self, cluster_id, messages)
        hang()

    if place == "inside":
        setattr(sink, "write_books", write_and_hang)  # noqa: B010 - mypy knows it only where it is defined
    else:
        Sink.apply = apply_and_hang  # type: ignore[method-assign]
    return service.main()


if __name__ == "__main__":
    sys.exit(main())
