"""The exporters: the one process that opens DuckDB.

The sink applies topic records to the store; everything that reads (Prometheus, Grafana, people) asks over HTTP.
"""
