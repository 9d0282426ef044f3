"""What can go wrong with the store."""


class StoreError(RuntimeError):
    """The store cannot do what was asked; the message says what to do."""


class StoreUnavailableError(StoreError):
    """The file cannot be opened: another process holds it, it is no DuckDB file, or it may not be written."""


class StoreTooNewError(StoreError):
    """The file was written by a newer release than this one."""


class StoreBusyError(StoreError):
    """Every cursor is in use; asking again in a second is right."""


class QueryTimeoutError(StoreError):
    """The query took longer than the time limit and was ended."""


class RefusedSqlError(StoreError):
    """A statement that somebody sent is wrong, or is not one that may be run."""
