"""What producers call things appears as it is, escaped for where it appears, and breaks nothing."""

import html
import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporters.snapshot import Snapshot
from exporters.store.figures import read_figures
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows, Web
from tests.fast.exporters.incidents import anomaly, apply, injection, summary
from tests.fast.exporters.traffic import MINUTE, START, messages, update

ENDPOINTS = (
    '/a"b', "/a\\", '/a\\"', "/a\\n", "/{id}", '/{a="b"}', "/<script>alert('x')</script>", "/a&amp;b", "/a,b|c",
    "/a b ", "/%00%0a", "/é漢🙂", "/a=~.*", "${service}", "$__all-not", "/a#b", "/'; DROP TABLE anomalies; --",
)  # fmt: skip
REFUSED = ("/a\nb", "/a\x00b", "/a\rb", "/a\x1b[31m", "/a\u2028b", "")


@pytest.fixture(autouse=True)
def traffic(web: Web, sink: Sink) -> None:
    web.now = START + 60 * MINUTE
    sink.apply("A", messages([update(endpoint=endpoint) for endpoint in ENDPOINTS]))


def test_the_exposition_is_read_back_with_the_same_names(web: Web, pool: CursorPool) -> None:
    web.snapshot = Snapshot(stream_time=web.now, figures=read_figures(pool, web.now))
    text = web.client.get("/metrics").get_data(as_text=True)
    families = {family.name: family for family in text_string_to_metric_families(text)}
    found = {sample.labels["endpoint"]: sample.value for sample in families["service_requests"].samples}
    assert found == dict.fromkeys(ENDPOINTS, 10)
    assert len({sample.labels["endpoint"] for sample in families["service_request_latency_seconds"].samples}) == len(
        found
    )


def test_rows_of_metrics_have_the_same_names(web: Web) -> None:
    names = json.dumps(ENDPOINTS)
    answer = web.client.get("/api/v1/metrics", query_string={"endpoint": names})
    assert sorted(row["endpoint"] for row in answer.get_json()) == sorted(ENDPOINTS)
    assert answer.get_data().decode().count("\n") == 0


def test_series_of_simpod_and_choices_have_the_same_names(web: Web) -> None:
    body = {"targets": [{"target": "request_rate", "refId": "A", "payload": {"endpoint": list(ENDPOINTS[:5])}}]}
    found = web.client.post("/grafana/query", json=body).get_json()
    assert {series["target"] for series in found} <= {f"checkout {endpoint}".rstrip() for endpoint in ENDPOINTS}
    values = [choice["__value"] for choice in web.get("/api/v1/variables/endpoints")]
    assert values == sorted(ENDPOINTS)


@pytest.mark.parametrize("endpoint", REFUSED)
def test_names_that_no_line_can_hold_are_malformed(sink: Sink, rows: Rows, endpoint: str) -> None:
    record = json.loads(update().encode())
    sink.apply("A", messages([json.dumps({**record, "endpoint": endpoint}).encode()], first_offset=99))
    assert rows("SELECT value FROM counters WHERE labels LIKE '%malformed%'") == [{"value": 1}]
    assert rows("SELECT count(DISTINCT endpoint) AS n FROM endpoint_metrics") == [{"n": len(ENDPOINTS)}]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_annotation_is_escaped_wherever_a_name_or_a_text_stands(web: Web, sink: Sink, endpoint: str) -> None:
    hostile = f"{endpoint}\n<img src=x onerror=alert(1)>\x00"
    told = summary(headline=hostile, hypothesis=hostile)
    apply(sink, anomaly(endpoint=endpoint, description=hostile), told, injection(), anomaly("b", endpoint=endpoint))
    for kind in ("incident", "anomaly", "injection"):
        for row in web.get(f"/api/v1/annotations?kind={kind}"):
            for part in (row["title"], row["text"]):
                bare = part.replace("<br>", "").replace('<a href="', "").replace('">Open the incident</a>', "")
                assert "<" not in bare
                assert ">" not in bare
                assert '"' not in bare
                assert bare.isprintable()
    titles = {row["title"] for row in web.get("/api/v1/annotations?kind=anomaly")}
    assert all(html.unescape(title).endswith(": error surge") for title in titles)
    assert all(" ".join(endpoint.split()) in html.unescape(title) for title in titles)
