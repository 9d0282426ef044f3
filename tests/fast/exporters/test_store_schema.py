"""The schema is created once, upgraded, and never downgraded."""

import subprocess
import sys
from pathlib import Path

import pytest

from exporters.store.database import IN_MEMORY, Database
from exporters.store.errors import StoreTooNewError, StoreUnavailableError
from exporters.store.schema import LATEST_VERSION
from tests.fast.exporters.tables import TABLES, contents


def test_a_new_file_gets_every_table(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "data" / "new.db")
    assert all(contents(database)[table] == [] for table in TABLES)
    database.close()


def test_each_migration_is_applied_once(tmp_path: Path) -> None:
    for _ in range(2):
        database = Database.open(tmp_path / "twice.db")
        with database.cursor() as cursor:
            versions = cursor.execute("SELECT version FROM schema_version ORDER BY version").fetchall()
        database.close()
    assert versions == [(version,) for version in range(1, LATEST_VERSION + 1)]


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "newer.db")
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO schema_version VALUES (999, now()::TIMESTAMP)")
    database.close()
    with pytest.raises(StoreTooNewError, match=f"schema 999, this release knows {LATEST_VERSION}"):
        Database.open(tmp_path / "newer.db")


def test_a_file_that_another_process_holds_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    hold = f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreUnavailableError, match=r"held\.db.*stop the other one"):
            Database.open(path)
        other.communicate("")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, not a database" * 1000)
    with pytest.raises(StoreUnavailableError, match=r"notes\.txt"):
        Database.open(path)


def test_the_session_is_in_utc() -> None:
    database = Database.open(IN_MEMORY)
    with database.cursor() as cursor:
        assert cursor.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
    database.close()
