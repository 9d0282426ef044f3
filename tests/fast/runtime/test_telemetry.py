"""/metrics and /health of a service that has no other HTTP."""

import pytest
from prometheus_client import CollectorRegistry, Counter
from werkzeug.test import Client, TestResponse

from runtime.telemetry import telemetry_app


def answer(path: str, reason: str | None = None) -> TestResponse:
    registry = CollectorRegistry()
    Counter("ticks", "Ticks.", registry=registry).inc()
    return Client(telemetry_app(registry, lambda: reason)).get(path)


def test_metrics_are_those_of_the_registry() -> None:
    found = answer("/metrics")
    assert found.status_code == 200
    assert "ticks_total 1.0" in found.text


@pytest.mark.parametrize(("reason", "status"), [(None, 200), ("the broker is away", 503)])
def test_health_says_why_not(reason: str | None, status: int) -> None:
    found = answer("/health", reason)
    assert found.status_code == status
    assert found.get_json()["reason"] == reason


def test_another_path_is_a_404_of_the_usual_form() -> None:
    found = answer("/nothing")
    assert found.status_code == 404
    assert found.get_json()["error"]["code"] == "not_found"
