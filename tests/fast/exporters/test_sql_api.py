"""POST /api/v1/sql reads the tables, when it is allowed, and does nothing else whatever it is sent."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from exporters.instruments import Instruments
from exporters.snapshot import Snapshot
from exporters.store.ad_hoc_sql import MAX_ROWS
from exporters.store.database import Database
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from exporters.web.app import create_app
from exporters.web.status import Limits
from tests.fast.exporters.conftest import Rows, Web, unobserved
from tests.fast.exporters.tables import contents
from tests.fast.exporters.traffic import START, messages, update

SELECTS = "SELECT service, request_count FROM endpoint_metrics"
HOSTILE = [
    "",
    ";",
    "-- nothing",
    "SELECT",
    "SELECT 1; SELECT 2",
    "SELECT 1; DELETE FROM endpoint_metrics",
    "DELETE FROM endpoint_metrics",
    "WITH gone AS (DELETE FROM endpoint_metrics RETURNING service) FROM gone",
    "WITH new AS (INSERT INTO counters VALUES ('a', '{}', 1) RETURNING name) FROM new",
    "WITH new AS (UPDATE counters SET value = 0 RETURNING name) FROM new",
    "INSERT INTO counters VALUES ('a', '{}', 1)",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE OR REPLACE MACRO addable_seconds(x) AS 0",
    "DROP TABLE endpoint_metrics",
    "COPY endpoint_metrics TO '/tmp/stolen.csv'",
    "COPY counters FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/stolen'",
    "ATTACH '/tmp/other.db' AS other",
    "SET memory_limit = '100TB'",
    "RESET enable_external_access",
    "PRAGMA database_list",
    "CALL checkpoint()",
    "LOAD json",
    "INSTALL httpfs",
    "EXPLAIN ANALYZE SELECT 1",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "FROM '/etc/passwd'",
    'FROM "/etc/passwd"',
    "FROM 'https://example.org/a.csv'",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "FROM checkpoint()",
    "SELECT (FROM checkpoint())",
    "SELECT 1 ORDER BY (SELECT count(*) FROM Force_Checkpoint())",
    "FROM (VALUES (1)), LATERAL (FROM enable_logging())",
    "FROM enable_profiling()",
    "FROM query('SELECT 1')",
    "FROM query_table('endpoint_metrics')",
    "FROM duckdb_settings()",
    "FROM arrow_scan(1, 2, 3)",
    "FROM json_execute_serialized_sql('{}')",
    "SELECT 1) UNION ALL (SELECT 2",
    "SELECT 1 /*",
    "SELECT * FROM rows",
    "SELECT " + "(" * 900 + "1" + ")" * 900 + " + " + "+".join("1" * 900),
]


@pytest.fixture
def client(database: Database, sink: Sink) -> FlaskClient:
    sink.apply("A", messages([update()]))
    pool = CursorPool(database, size=1, timeout_seconds=0.5, observe=unobserved)
    return create_app(
        pool, Snapshot, Instruments(), lambda: START, limits=Limits(1, 1), max_body_bytes=10_000, sql_enabled=True
    ).test_client()


def ask(client: FlaskClient, sql: object) -> tuple[int, Any]:
    answer = client.post("/api/v1/sql", json={"sql": sql})
    return answer.status_code, answer.get_json()


def test_it_is_off_unless_somebody_allows_it(web: Web) -> None:
    answer = web.client.post("/api/v1/sql", json={"sql": "SELECT 1"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "sql_disabled")
    assert "API_SQL_ENABLED" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize(
    "sql", [SELECTS, f"{SELECTS};", f"  {SELECTS} -- mine", f"FROM ({SELECTS})", f"WITH a AS ({SELECTS}) FROM a"]
)
def test_a_select_gives_flat_rows(client: FlaskClient, sql: str) -> None:
    assert ask(client, sql) == (200, [{"service": "checkout", "request_count": 10}])


def test_every_value_is_json(client: FlaskClient) -> None:
    values = (
        "TIMESTAMP '2026-01-01' AS t, [1, 2] AS l, {'a': 1} AS s, 'inf'::DOUBLE AS i, 1.50 AS d, true AS b, NULL AS n"
    )
    assert ask(client, f"SELECT {values}")[1] == [
        {"t": "2026-01-01T00:00:00Z", "l": "[1, 2]", "s": '{"a": 1}', "i": "inf", "d": "1.50", "b": True, "n": None}
    ]


def test_rows_are_limited_and_in_the_order_that_was_asked_for(client: FlaskClient) -> None:
    status, rows = ask(client, "SELECT range AS n FROM range(5000) ORDER BY n DESC")
    assert (status, len(rows), rows[0]) == (200, MAX_ROWS, {"n": 4999})


@pytest.mark.parametrize("sql", HOSTILE)
def test_everything_else_is_refused_and_changes_nothing(client: FlaskClient, database: Database, sql: str) -> None:
    before = contents(database)
    status, body = ask(client, sql)
    assert (status, body["error"]["code"]) == (400, "refused_sql")
    assert contents(database) == before
    assert ask(client, SELECTS)[0] == 200


def test_nothing_that_was_refused_leaves_a_transaction_open(client: FlaskClient, sink: Sink, rows: Rows) -> None:
    for sql in ("SELECT 1/0::INTEGER, error('no')", "WITH a AS (DELETE FROM counters RETURNING name) FROM a"):
        assert ask(client, sql)[0] == 400
    sink.apply("A", messages([update(minute=1)], first_offset=1))
    assert len(rows("FROM endpoint_metrics")) == 2
    assert len(ask(client, SELECTS)[1]) == 2


def test_an_endless_statement_is_ended(client: FlaskClient) -> None:
    endless = "SELECT sum(a.range * b.range) AS n FROM range(1000000) AS a, range(1000000) AS b"
    status, body = ask(client, endless)
    assert (status, body["error"]["code"]) == (503, "query_timeout")
    assert ask(client, SELECTS)[0] == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"sql": 1}', b'{"statement": "SELECT 1"}', rb'{"sql": "\ud800"}', b"[" * 5000],
)
def test_a_body_of_another_form_is_a_400(client: FlaskClient, body: bytes) -> None:
    assert client.post("/api/v1/sql", data=body).status_code == 400
