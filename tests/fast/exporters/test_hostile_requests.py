"""Whatever is sent, nothing answers 500, and every answer but /metrics and / is JSON."""

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.instruments import Instruments
from exporters.snapshot import Snapshot
from exporters.store.database import IN_MEMORY, Database
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from exporters.web.app import create_app
from exporters.web.status import Limits
from tests.fast.exporters.conftest import unobserved
from tests.fast.exporters.incidents import anomaly, apply, at, injection, summary
from tests.fast.exporters.traffic import MINUTE, START, batch_end, messages, update

ROWS = (
    "metrics", "services", "batches", "dead-letters", "books", "incidents", "anomalies", "evidence", "summaries",
    "timeline", "injections", "detection-score", "annotations", "variables/services", "variables/endpoints",
    "variables/incidents",
)  # fmt: skip
POSTS = ("metrics", "metric-payload-options", "query", "variable", "tag-keys", "tag-values")
PARAMETERS = (
    "from", "to", "limit", "service", "endpoint", "severity", "state", "incident", "kind", "step_ms", "max_points", "x",
)  # fmt: skip
TIMES = (
    "1e400", "-1", "1e3", "NaN", "Infinity", "0", "1" * 15, "9" * 16, "9" * 400, "٣", "2026-13-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "now-1h", "2026-01-01T12:00:00", " ", "\x00",
)  # fmt: skip
NAMES = (
    'a"b', "{a", "(a", "[", "[1]", '["a"', '["\\ud800"]', "<script>", "\n", "\x00", "\\", "a\\,b", "ﬀ\u202e", "%",
    "'; DROP TABLE anomalies; --", "$__all", "a" * 9_000, "[" * 5_000,
)  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    database = Database.open(IN_MEMORY, threads=1, external_access=False)
    sink = Sink(database, unobserved)
    sink.apply("A", messages([*(update(minute=minute) for minute in range(3)), batch_end()]))
    apply(sink, anomaly(end=5), summary(), injection())
    pool = CursorPool(database, size=2, timeout_seconds=10, observe=unobserved)
    app = create_app(
        pool, Snapshot, Instruments(), lambda: START + 60 * MINUTE, limits=Limits(60, 120), max_body_bytes=65_536
    )
    yield app.test_client()
    for each in (pool, sink, database):
        each.close()


def checked(client: FlaskClient, path: str, method: str = "GET", **request: object) -> int:
    """Ask; an answer is JSON, and an error is of the one form and not a fault of ours."""
    answer = client.open(path, method=method, **request)  # type: ignore[arg-type]
    body = json.loads(answer.data, parse_constant=pytest.fail)
    assert answer.status_code < 500, (path, request, body)
    if answer.status_code >= 400:
        assert body["error"].keys() == {"code", "message"}
    return answer.status_code


@pytest.mark.parametrize("path", ROWS)
@pytest.mark.parametrize("name", ["from", "to"])
def test_a_time_that_is_none_is_understood_or_refused(client: FlaskClient, path: str, name: str) -> None:
    for text in TIMES:
        checked(client, f"/api/v1/{path}", query_string={name: text})


@pytest.mark.parametrize("path", ROWS)
@pytest.mark.parametrize("name", ["service", "endpoint", "severity", "state", "incident", "kind", "limit", "step_ms"])
def test_a_name_may_be_anything(client: FlaskClient, path: str, name: str) -> None:
    for text in NAMES:
        checked(client, f"/api/v1/{path}", query_string={name: text})


@pytest.mark.parametrize("path", [path for path in ROWS if path != "books"])
def test_from_after_to_is_refused(client: FlaskClient, path: str) -> None:
    assert checked(client, f"/api/v1/{path}", query_string={"from": at(1), "to": at(0)}) == 400


@pytest.mark.parametrize(
    "query", [b"service=\xff\xfe", b"from=%ff", b"%00=1", b"&&&=&=", b"service=%ed%a0%80", b"\xe2"]
)
@pytest.mark.parametrize("path", ROWS)
def test_an_address_that_is_no_text_is_understood_or_refused(client: FlaskClient, path: str, query: bytes) -> None:
    checked(client, f"/api/v1/{path}", environ_overrides={"QUERY_STRING": query.decode("latin-1")})


@pytest.mark.parametrize("path", [path for path in ROWS if path != "books"])
def test_a_parameter_twice_is_a_list_or_its_first_value(client: FlaskClient, path: str) -> None:
    query = [("from", at(0)), ("from", "later"), ("limit", "1"), ("limit", "2")]
    assert checked(client, f"/api/v1/{path}", query_string=query) == 200


@pytest.mark.parametrize("path", ["metrics", "timeline", "incidents", "anomalies", "injections", "annotations"])
@pytest.mark.parametrize(("begin", "end"), [(0, 253_402_300_799_999), (at(0) - 2_592_000_000, at(0)), (5, 5)])
def test_ranges_of_a_month_of_everything_and_of_nothing_are_answered(
    client: FlaskClient, path: str, begin: int, end: int
) -> None:
    assert checked(client, f"/api/v1/{path}", query_string={"from": begin, "to": end}) == 200


BODIES = {
    "cut off": b'{"targets": [{"target": "request_',
    "an array": b"[]",
    "a number": b"1e400",
    "deep arrays": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000,
    "a deep payload": b'{"targets":[{"target":"incidents","payload":{"service":' + b"[" * 900 + b"]" * 900 + b"}}]}",
    "NaN": b'{"range": {"from": NaN}}',
    "a huge number": b'{"intervalMs": 1e400, "targets": [{"target": "request_rate"}]}',
    "a number of many digits": b'{"maxDataPoints": ' + b"9" * 5_000 + b"}",
    "no UTF-8": b'{"targets": "\xff\xfe"}',
    "UTF-16": '{"targets": []}'.encode("utf-16"),
    "half a surrogate pair": rb'{"targets": [{"target": "\ud800", "refId": "\udfff"}]}',
    "NUL": rb'{"targets": [{"target": "request_rate", "payload": {"service": "\u0000"}}]}',
    "keys twice": b'{"targets": 1, "targets": []}',
    "a form": b"targets=1&x=%00",
    "too long": b" " * 65_537,
    "a name of another type": b'{"name": ["service"], "key": {"a": 1}, "payload": {"target": ["services"]}}',
    "null everywhere": b'{"targets": [null], "range": null, "payload": null, "name": null, "key": null}',
    "targets in targets": b'{"targets": [[{"target": "incidents"}]], "payload": [[]]}',
    "a payload in a payload": b'{"targets": [{"target": "incidents", "payload": "\\"{}\\""}]}',
    "a range that is text": b'{"range": "now-1h", "targets": [{"target": "incidents"}], "payload": "services"}',
    "times of another type": b'{"range": {"from": 1.5, "to": [1]}, "targets": [{"target": "incidents"}]}',
    "from after to": b'{"range": {"from": 9, "to": 1}, "targets": [{"target": "incidents"}]}',
    "points below one": b'{"maxDataPoints": -0.5, "targets": [{"target": "request_rate"}]}',
    "points as text": b'{"maxDataPoints": "many", "targets": [{"target": "request_rate"}]}',
    "points as truth": b'{"maxDataPoints": true, "targets": [{"target": "request_rate"}]}',
}
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x/\x7f", None)


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_may_be_anything_of_any_type(client: FlaskClient, body: bytes, content_type: str | None) -> None:
    for path in (*(f"/grafana/{path}" for path in POSTS), "/api/v1/sql"):
        checked(client, path, "POST", data=body, content_type=content_type)


def test_ten_thousand_points_are_a_request_like_any_other(client: FlaskClient) -> None:
    body = {"range": {"from": at(-43_200), "to": at(0)}, "intervalMs": 1, "maxDataPoints": 10_000}
    targets = [{"target": name, "refId": "A"} for name in ("request_rate", "p99_seconds")]
    assert checked(client, "/grafana/query", "POST", json={**body, "targets": targets}) == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_another_method_is_refused(client: FlaskClient, method: str) -> None:
    assert checked(client, "/api/v1/incidents", method) == 405


TEXTS = st.one_of(st.sampled_from((*TIMES, *NAMES)), st.text(max_size=30), st.integers(-(10**18), 10**18).map(str))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS)
KEYS = st.sampled_from(
    (*PARAMETERS, "payload", "target", "targets", "range", "refId", "filters", "key", "operator", "name")
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ROWS), st.lists(st.tuples(st.sampled_from(PARAMETERS), TEXTS), max_size=4))
def test_parameters_of_any_kind_are_answered(client: FlaskClient, path: str, query: list[tuple[str, str]]) -> None:
    clean = [(name, text.encode("utf-8", "replace").decode()) for name, text in query]
    checked(client, f"/api/v1/{path}", query_string=clean)


def _body(target: str | None, payload: object, span: object, points: object) -> dict[str, object]:
    query = {"target": target, "refId": "Anno" if target is None else "A", "payload": payload}
    more = {"payload": payload, "range": span, "key": span, "maxDataPoints": points, "filters": points}
    return {"targets": [query], **more}


TARGETS = st.sampled_from(("incidents", "request_rate", "annotations", "secrets", None))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(POSTS), st.builds(_body, TARGETS, TREES, TREES, TREES))
def test_bodies_of_any_kind_are_answered(client: FlaskClient, path: str, body: object) -> None:
    checked(client, f"/grafana/{path}", "POST", data=json.dumps(body))
