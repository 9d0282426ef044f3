"""Queries run on a bounded number of cursors, each with a time limit."""

import threading

import pytest

from exporters.store.database import Database
from exporters.store.errors import QueryTimeoutError, StoreBusyError
from exporters.store.pool import CursorPool
from tests.fast.exporters.conftest import unobserved

ENDLESS = "SELECT sum(a.i * b.i) AS n FROM range(1000000) AS a(i), range(1000000) AS b(i)"


def test_rows_are_named_by_column(pool: CursorPool) -> None:
    assert pool.rows("test", "SELECT $a AS a, 2 AS b", {"a": 1}) == [{"a": 1, "b": 2}]


def test_a_query_over_its_time_limit_is_ended(database: Database) -> None:
    pool = CursorPool(database, size=1, timeout_seconds=0.2, observe=unobserved)
    with pytest.raises(QueryTimeoutError, match=r"longer than 0\.2 s"):
        pool.rows("test", ENDLESS)
    assert pool.rows("test", "SELECT 1 AS n") == [{"n": 1}]


def test_one_query_too_many_is_refused(database: Database) -> None:
    pool = CursorPool(database, size=1, timeout_seconds=3, observe=unobserved)
    with pool._cursor() as cursor:
        assert pool.active == 1
        with pytest.raises(StoreBusyError, match="DB_POOL_SIZE"):
            pool.rows("test", "SELECT 1")
        assert cursor is not None
    assert pool.active == 0
    assert pool.rows("test", "SELECT 1 AS n") == [{"n": 1}]


def test_threads_share_the_pool(database: Database) -> None:
    pool = CursorPool(database, size=2, timeout_seconds=10, observe=unobserved)
    found: list[object] = []

    def ask() -> None:
        found.extend(pool.rows("test", "SELECT count(*) AS n FROM range(100000)")[0].values())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [100_000] * 8


def test_times_are_told_by_query_even_when_it_fails(database: Database) -> None:
    seen: list[str] = []
    pool = CursorPool(database, size=1, timeout_seconds=0.2, observe=lambda query, _seconds: seen.append(query))
    pool.rows("good", "SELECT 1")
    with pytest.raises(QueryTimeoutError):
        pool.rows("endless", ENDLESS)
    assert seen == ["good", "endless"]
