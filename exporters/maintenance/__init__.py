"""Maintenance: scheduled jobs inside the exporters' process, one at a time."""
