"""The store: the DuckDB schema, the sink that applies topic records, and every query.

This process is the only one that opens the file. Times in tables are UTC without a zone; callers see aware datetimes
and epoch milliseconds.
"""
