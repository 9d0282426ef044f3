"""HTTP: Prometheus metrics, the JSON API, health. Every error is ``{"error": {"code", "message"}}``."""
