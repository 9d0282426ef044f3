"""/grafana: what the simPod JSON datasource asks, with the bodies that it sends."""

from typing import Any

import pytest

from contracts.times import to_rfc3339
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, at, summary
from tests.fast.exporters.traffic import MINUTE, START, messages, update

RANGE = {
    "from": to_rfc3339(START - 10 * MINUTE).replace("Z", ".000Z"),
    "to": to_rfc3339(START + 50 * MINUTE).replace("Z", ".000Z"),
    "raw": {"from": "now-1h", "to": "now"},
}


@pytest.fixture(autouse=True)
def an_hour_later(web: Web, sink: Sink) -> None:
    web.now = START + 60 * MINUTE
    updates = [update(minute=minute, service=service) for minute in (0, 1) for service in ("checkout", "search")]
    sink.apply("A", messages(updates))


def post(web: Web, path: str, body: object) -> Any:  # noqa: ANN401 - decoded JSON
    answer = web.client.post(f"/grafana/{path}", json=body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def query(web: Web, target: object, payload: object = None, **body: object) -> Any:  # noqa: ANN401 - decoded JSON
    targets = [{"target": target, "refId": "A", "payload": payload}]
    return post(web, "query", {"range": RANGE, "intervalMs": 15_000, "maxDataPoints": 500, "targets": targets, **body})


@pytest.mark.parametrize("path", ["/grafana", "/grafana/"])
def test_the_connection_test_is_answered_without_a_redirect(web: Web, path: str) -> None:
    assert web.client.get(path).status_code == 200


def test_the_metrics_are_those_that_can_be_queried(web: Web) -> None:
    metrics = post(web, "metrics", {})
    assert {"request_rate", "error_ratio", "p95_seconds", "incidents", "anomalies"} <= {
        each["value"] for each in metrics
    }
    for metric in metrics:
        assert query(web, metric["value"]) is not None
    assert {"name": "service", "type": "multi-select"} in metrics[0]["payloads"]


@pytest.mark.parametrize(
    ("name", "values"),
    [("service", ["checkout", "search"]), ("endpoint", ["/api/cart"]), ("severity", ["warning", "critical"])],
)
def test_payload_options_and_tag_values_are_names(web: Web, name: str, values: list[str]) -> None:
    options = post(web, "metric-payload-options", {"metric": "request_rate", "payload": {}, "name": name})
    assert options == [{"label": value, "value": value} for value in values]
    assert post(web, "tag-values", {"key": name}) == [{"text": value} for value in values]


def test_tag_keys_are_listed(web: Web) -> None:
    assert {"type": "string", "text": "service"} in post(web, "tag-keys", {})


def test_a_metric_is_a_series_per_service_as_value_and_time(web: Web) -> None:
    checkout, search = query(web, "request_rate")
    assert checkout == {"target": "checkout", "datapoints": [[10 / 60, at(0)], [10 / 60, at(1)]], "refId": "A"}
    assert search["target"] == "search"


def test_with_endpoints_a_series_is_of_one_endpoint(web: Web) -> None:
    (series,) = query(web, "error_ratio", {"endpoint": "/api/cart", "service": "(checkout|nobody)"})
    assert (series["target"], series["datapoints"][0]) == ("checkout /api/cart", [0.1, at(0)])


@pytest.mark.parametrize(
    "payload",
    [{"service": ["search"]}, {"service": "search"}, '{"service": "(search)"}', {"service": "search", "limit": 5}],
)
def test_a_payload_is_an_object_or_json_text(web: Web, payload: object) -> None:
    assert [series["target"] for series in query(web, "p95_seconds", payload)] == ["search"]


@pytest.mark.parametrize("payload", [None, {}, "", "{}", {"service": ""}, {"service": None}, {"service": ".*"}])
def test_an_empty_payload_asks_for_all(web: Web, payload: object) -> None:
    assert len(query(web, "p95_seconds", payload)) == 2


def test_incidents_and_anomalies_are_tables(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(baseline_value=None), summary())
    for target in ("incidents", "anomalies"):
        (table,) = query(web, target)
        assert (table["type"], table["refId"], len(table["rows"])) == ("table", "A", 1)
        types = {column["text"]: column["type"] for column in table["columns"]}
        assert (types["started_at"], types["duration_seconds"], types["severity"]) == ("time", "number", "string")
        assert len(table["columns"]) == len(table["rows"][0])


@pytest.mark.parametrize("payload", [{"kind": "incident", "severity": "critical"}, '{"severity": "critical"}'])
def test_annotations_come_as_a_query_named_anno(web: Web, sink: Sink, payload: object) -> None:
    apply(sink, anomaly(end=5), anomaly("b", severity="warning", incident_id="j"))
    body = {"range": RANGE, "targets": [{"refId": "Anno", "target": "anything", "payload": payload}]}
    (table,) = post(web, "query", body)
    columns = [column["text"] for column in table["columns"]]
    (row,) = (dict(zip(columns, row, strict=True)) for row in table["rows"])
    assert (table["refId"], row["id"], row["time"], row["timeEnd"]) == ("Anno", "i", at(0), at(5))


def test_each_target_is_answered_under_its_own_letter(web: Web) -> None:
    targets = [{"target": "request_rate", "refId": "A"}, {"target": "incidents", "refId": "B"}]
    assert [frame["refId"] for frame in post(web, "query", {"range": RANGE, "targets": targets})] == ["A", "A", "B"]
    assert post(web, "query", {"range": RANGE, "targets": []}) == []


def test_ad_hoc_filters_narrow_the_targets_that_they_say_something_about(web: Web) -> None:
    filters = [
        {"key": "service", "operator": "=", "value": "search"},
        {"key": "severity", "operator": "=", "value": "critical"},
    ]
    assert [series["target"] for series in query(web, "request_rate", filters=filters)] == ["search"]


def test_variables_are_text_and_value(web: Web, sink: Sink) -> None:
    apply(sink, anomaly())
    services = post(web, "variable", {"payload": {"target": "services"}, "range": RANGE})
    assert services[0] == {"__text": "checkout", "__value": "checkout"}
    incidents = post(web, "variable", {"payload": '{"target": "incidents", "service": "payments"}', "range": RANGE})
    assert [choice["__value"] for choice in incidents] == ["i"]


BAD = {
    "an unknown target": {"targets": [{"target": "secrets", "refId": "A"}]},
    "a target that is no text": {"targets": [{"target": {"a": 1}}]},
    "too many targets": {"targets": [{}] * 51},
    "targets that are no list": {"targets": {"target": "incidents"}},
    "a payload that is no object": {"targets": [{"target": "incidents", "payload": [1]}]},
    "a payload that is no JSON": {"targets": [{"target": "incidents", "payload": "{"}]},
    "a payload with an unknown key": {"targets": [{"target": "incidents", "payload": {"color": "red"}}]},
    "a payload with a nested value": {"targets": [{"target": "incidents", "payload": {"service": {"a": 1}}}]},
    "a range that is no time": {"targets": [{"target": "incidents"}], "range": {"from": "yesterday"}},
    "an interval that is none": {"targets": [{"target": "error_ratio"}], "intervalMs": -1},
    "a filter that is not known": {"targets": [{"target": "incidents"}], "filters": [{"key": "a", "operator": "="}]},
    "a filter that excludes": {"targets": [{"target": "incidents"}], "filters": [{"key": "service", "operator": "!="}]},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_what_is_not_understood_is_a_400(web: Web, body: object) -> None:
    answer = web.client.post("/grafana/query", json=body)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_parameter")


@pytest.mark.parametrize("text", ["{", "[]", '"text"', "[" * 900, "\x00", '{"a": NaN}', r'{"a": "\ud800"}'])
@pytest.mark.parametrize("path", ["query", "variable", "tag-values", "metric-payload-options"])
def test_a_body_that_is_no_object_is_a_400(web: Web, path: str, text: str) -> None:
    answer = web.client.post(f"/grafana/{path}", data=text, content_type="text/plain")
    assert answer.status_code == 400
