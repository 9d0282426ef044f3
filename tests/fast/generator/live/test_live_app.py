"""The generator's HTTP, through Flask's own client."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry, Counter

from contracts.anomalies import AnomalyType
from contracts.injections import Injection
from generator.live.app import MAX_BODY_BYTES, create_app
from tests.fast.generator.live.shop import Planned, Shop, fault

ASKED = {"service": "payments", "kind": "latency", "minutes": 3}


class Site:
    """A live shop and a client of its HTTP."""

    def __init__(self, shop: Shop, health: Callable[[], str | None] = lambda: None) -> None:
        self.shop = shop
        registry = CollectorRegistry()
        Counter("sent_total", "Sent.", registry=registry).inc(3)
        self.client: FlaskClient = create_app(shop.injections, registry, health).test_client()

    def inject(self, **changes: object) -> tuple[int, dict[str, Any]]:
        answer = self.client.post("/inject", json=ASKED | changes)
        assert answer.is_json
        return answer.status_code, answer.get_json()


@pytest.fixture
def site() -> Site:
    shop = Shop(Planned(fault("search", AnomalyType.ERROR_SURGE, 0, 4, 0.3)))
    shop.injections.go_live()
    return Site(shop)


def test_a_fault_is_answered_with_its_record(site: Site) -> None:
    answer = site.client.post("/inject", json=ASKED)
    assert answer.status_code == 201
    injection = Injection.decode(answer.data)
    assert [injection] == site.shop.announced
    shown = answer.get_json()
    assert (shown["started_at"], shown["ended_at"]) == ("2026-01-05T09:00:00Z", "2026-01-05T09:03:00Z")
    assert (shown["kind"], shown["origin"]) == ("latency_spike", "request")


def test_the_faults_that_run_are_listed(site: Site) -> None:
    assert site.client.get("/injections").get_json() == []
    site.shop.clock.advance(60)
    site.shop.messages(1)
    site.inject()
    listed = site.client.get("/injections").get_json()
    assert {(each["service"], each["origin"]) for each in listed} == {("search", "chance"), ("payments", "request")}


def test_a_wrong_request_is_a_400_that_names_the_field(site: Site) -> None:
    status, answer = site.inject(minutes=0)
    assert status == 400
    assert answer == {"error": {"code": "bad_request", "message": "minutes has to be a number from 1 to 60"}}
    assert site.shop.announced == []


def test_a_second_request_on_the_service_is_a_409_that_says_until_when(site: Site) -> None:
    site.inject()
    status, answer = site.inject(kind="errors")
    assert status == 409
    assert "until 2026-01-05T09:03:00Z" in str(answer["error"])


def test_before_live_traffic_it_is_a_503() -> None:
    assert Site(Shop()).inject()[0] == 503


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_another_content_type_is_a_415(site: Site, content_type: str) -> None:
    answer = site.client.post("/inject", data='{"service": "payments"}', content_type=content_type)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (415, "unsupported_media_type")


def test_a_charset_may_be_said(site: Site) -> None:
    body = b'{"service": "payments", "kind": "latency", "minutes": 3}'
    assert site.client.post("/inject", data=body, content_type="application/json; charset=utf-8").status_code == 201


@pytest.mark.parametrize(
    "request_from",
    [
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
        {"headers": {"Origin": "http://evil.example"}},
        {"headers": {"Host": "evil.example:9101"}},
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}, "headers": {"X-Forwarded-For": "127.0.0.1"}},
    ],
)
def test_who_is_not_on_this_machine_gets_a_403(site: Site, request_from: dict[str, Any]) -> None:
    answer = site.client.post("/inject", json=ASKED, **request_from)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "forbidden")
    assert site.shop.announced == []


def test_a_long_body_is_refused(site: Site) -> None:
    assert site.inject(service="x" * MAX_BODY_BYTES)[0] == 413


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/inject", 405), ("GET", "/nothing", 404)])
def test_other_errors_have_the_same_form(site: Site, method: str, path: str, status: int) -> None:
    answer = site.client.open(path, method=method)
    assert answer.status_code == status
    assert set(answer.get_json()["error"]) == {"code", "message"}


def test_metrics_and_health_are_served_from_the_start() -> None:
    client = Site(Shop(), lambda: "waiting for Kafka").client
    assert "sent_total 3.0" in client.get("/metrics").get_data(as_text=True)
    health = client.get("/health")
    assert (health.status_code, health.get_json()["reason"]) == (503, "waiting for Kafka")
    assert Site(Shop()).client.get("/health").status_code == 200
