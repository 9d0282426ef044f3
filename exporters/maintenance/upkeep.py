"""The jobs ``analyze`` and ``checkpoint``: what DuckDB needs to stay fast and small."""

from exporters.maintenance.job import JobContext
from exporters.store.maintenance_cursor import MaintenanceCursor


class AnalyzeJob:
    """Counts every table anew, so that query plans rest on what is stored now."""

    def __init__(self, cursor: MaintenanceCursor) -> None:
        self._cursor = cursor

    def run(self, context: JobContext) -> str:
        """Analyze one table after the other.

        Raises:
            JobStoppedError: the process ends.
            duckdb.Error: the database failed.
        """
        tables = self._cursor.table_names()
        for table in tables:
            self._cursor.analyze(table)
            context.pause()
        return f"{len(tables)} tables"


class CheckpointJob:
    """Brings the write-ahead log into the database file, so that a crash leaves little to read again."""

    def __init__(self, cursor: MaintenanceCursor) -> None:
        self._cursor = cursor

    def run(self, context: JobContext) -> str:
        """Write a checkpoint, without forcing anybody to end.

        Raises:
            duckdb.Error: the database failed.
        """
        context.pause()
        self._cursor.checkpoint()
        return "the log is in the file"
