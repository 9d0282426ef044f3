"""Grafana: what it is provisioned with, and the program that writes the dashboards (``python -m grafana.build``)."""
