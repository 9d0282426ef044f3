"""Where a token is set, only those who bear it are answered; /health is everybody's."""

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from contracts import metrics
from exporters.instruments import Instruments
from exporters.snapshot import Snapshot
from exporters.store.pool import CursorPool
from exporters.web.app import create_app
from exporters.web.authorization import require_token
from exporters.web.status import Limits
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.traffic import START

TOKEN = "0123456789-._~+/Ab=="
EVERY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
def app(pool: CursorPool, instruments: Instruments) -> Flask:
    further = Blueprint("further", __name__)
    further.add_url_rule("/further/<name>", view_func=lambda name: name)
    return create_app(
        pool,
        Snapshot,
        instruments,
        lambda: START,
        limits=Limits(60, 120),
        max_body_bytes=1000,
        api_token=SecretStr(TOKEN),
        sql_enabled=True,
        blueprints=[further],
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_every_route_but_health_is_closed(app: Flask, client: FlaskClient) -> None:
    rules = list(app.url_map.iter_rules())
    paths = {rule.rule: app.url_map.bind("").build(rule.endpoint, dict.fromkeys(rule.arguments, "x")) for rule in rules}
    assert {"/", "/ready", "/metrics", "/grafana/query", "/api/v1/sql", "/further/<name>"} <= paths.keys()
    answered = {
        (rule, method)
        for rule, path in paths.items()
        for method in EVERY_METHOD
        if client.open(path, method=method).status_code != 401
    }
    assert {rule for rule, _ in answered} == {"/health"}


@pytest.mark.parametrize("path", ["/nowhere", "/health/", "//health", "/health/../metrics", "/grafana/"])
def test_what_is_no_route_is_closed_too(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 401


def test_a_stranger_is_told_what_is_missing_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json is not None
    assert list(answer.json) == ["error"]
    assert answer.json["error"]["code"] == "unauthorized"
    assert "Authorization: Bearer" in answer.json["error"]["message"]
    assert TOKEN not in answer.get_data(as_text=True)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_health_of_the_process_is_everybodys(client: FlaskClient, method: str) -> None:
    assert client.open("/health", method=method).status_code == 200


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN} "])
def test_with_the_token_everything_is_as_without_one(client: FlaskClient, header: str) -> None:
    for path in ("/", "/metrics", "/api/v1/services", "/grafana", "/health"):
        assert client.get(path, headers={"Authorization": header}).status_code == 200
    assert client.get("/nowhere", headers={"Authorization": header}).status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        "Basic dXNlcjowMTIzNDU2Nzg5LS5ffisvQWI9PQ==",
        f"Token {TOKEN}",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN}, Bearer {TOKEN}",
        f"Bearer token={TOKEN}",
        f"Bearer {TOKEN.swapcase()}",
        f"Bearer {TOKEN}\xe9",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 100_000,
    ],
)
def test_something_else_is_not_the_token(header: str) -> None:
    app = Flask("test")
    app.add_url_rule("/metrics", view_func=lambda: "")
    require_token(app, SecretStr(TOKEN))
    client = app.test_client()
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 401


def test_the_token_in_the_address_opens_nothing(client: FlaskClient) -> None:
    assert client.get("/metrics", query_string={"access_token": TOKEN}).status_code == 401


def test_a_body_is_not_looked_at_before_the_token(client: FlaskClient) -> None:
    assert client.post("/grafana/query", data="x" * 5000).status_code == 401


def test_what_was_refused_is_counted(client: FlaskClient, instruments: Instruments) -> None:
    client.get("/metrics")
    labels = {"path": "/metrics", "status": "401"}
    assert instruments.registry.get_sample_value(metrics.HTTP_REQUESTS.name, labels) == 1


def test_without_a_token_a_header_changes_nothing(web: Web) -> None:
    for header in ("", "Bearer ", "Bearer anything"):
        assert web.client.get("/metrics", headers={"Authorization": header}).status_code == 200
