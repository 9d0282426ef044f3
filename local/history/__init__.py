"""Brings the past that the store holds into Prometheus, for the times in which Prometheus did not scrape."""
