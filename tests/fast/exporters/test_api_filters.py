"""What every list of rows has in common: its parameters, what it refuses, and an empty array for nothing."""

import json

import pytest

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, at, injection, summary
from tests.fast.exporters.traffic import MINUTE, START, messages, update

LISTS = {
    "incidents": {"service", "endpoint", "severity", "state", "incident"},
    "anomalies": {"service", "endpoint", "severity", "state", "incident"},
    "timeline": {"service", "severity"},
    "evidence": {"service", "severity", "incident"},
    "summaries": {"service", "incident"},
    "injections": {"service", "incident"},
    "detection-score": {"service"},
    "annotations": {"service", "severity", "kind"},
    "variables/services": {"service"},
    "variables/endpoints": {"service"},
    "variables/incidents": {"service", "severity"},
    "services": {"service"},
    "metrics": {"service", "endpoint", "step_ms"},
    "batches": set(),
    "dead-letters": set(),
}
VALUES = {
    "service": "payments", "endpoint": "/api/cart", "severity": "critical", "state": "open", "incident": "i",
    "kind": "anomaly", "step_ms": "60000", "from": str(at(-10)), "to": str(at(50)), "limit": "5",
}  # fmt: skip
BY_INCIDENT = [name for name, names in LISTS.items() if "incident" in names]


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_store_is_an_empty_array(web: Web, name: str) -> None:
    answer = web.client.get(f"/api/v1/{name}")
    assert (answer.status_code, answer.data.strip()) == (200, b"[]")


@pytest.mark.parametrize("name", LISTS)
def test_each_parameter_is_taken_where_it_fits_and_refused_elsewhere(web: Web, sink: Sink, name: str) -> None:
    apply(sink, anomaly(), summary(), injection())
    for parameter, value in VALUES.items():
        known = parameter in LISTS[name] | {"from", "to", "limit"}
        answer = web.client.get(f"/api/v1/{name}", query_string={parameter: value})
        assert answer.status_code == (200 if known else 400)
        assert known or f"'{parameter}'" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("name", LISTS)
def test_every_row_is_flat_and_has_the_same_keys(web: Web, sink: Sink, name: str) -> None:
    web.now = START + 60 * MINUTE
    sink.apply("A", messages([update(), update(service="payments", minute=9)]))
    apply(sink, anomaly("a", 1, 5), anomaly("b", 2, severity="warning", baseline_value=None, incident_id="j"))
    apply(sink, summary(), injection(), injection("m", 30, 33, service="search"))
    rows = web.get(f"/api/v1/{name}")
    assert len({tuple(row) for row in rows}) == (0 if name in {"batches", "dead-letters"} else 1)
    assert not any(isinstance(value, list | dict) for row in rows for value in row.values())


@pytest.mark.parametrize("name", BY_INCIDENT)
def test_an_empty_incident_means_no_row(web: Web, sink: Sink, name: str) -> None:
    apply(sink, anomaly(), summary(), injection())
    assert web.get(f"/api/v1/{name}?incident=i")
    assert web.get(f"/api/v1/{name}?incident=") == []


@pytest.mark.parametrize(
    "listed", ["payments,search", "{payments,search}", "(payments|search)", '["payments","search"]']
)
def test_lists_mean_what_grafana_means(web: Web, sink: Sink, listed: str) -> None:
    apply(sink, anomaly("a"), anomaly("b", service="search"), anomaly("c", service="checkout"))
    rows = web.client.get("/api/v1/anomalies", query_string={"service": listed}).get_json()
    assert {row["service"] for row in rows} == {"payments", "search"}


@pytest.mark.parametrize("everything", [".*", "$__all", "", "(.*)"])
def test_all_means_all(web: Web, sink: Sink, everything: str) -> None:
    apply(sink, anomaly("a"), anomaly("b", severity="warning", end=5))
    names = dict.fromkeys(("service", "endpoint", "severity", "state"), everything)
    assert len(web.client.get("/api/v1/anomalies", query_string=names).get_json()) == 2


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("severity=high", "severity is warning or critical, not 'high'"),
        ("state=closed", "state is open or resolved, not 'closed'"),
        ("limit=10001", "limit is a whole number from 1 to 10000"),
        ("from=2&to=1", "from (2) is after to (1)"),
    ],
)
def test_a_value_that_is_not_understood_is_named(web: Web, query: str, message: str) -> None:
    answer = web.client.get(f"/api/v1/anomalies?{query}")
    assert answer.status_code == 400
    assert message in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("value", ["x');DROP TABLE anomalies;--", "'\"\n\x00", "$services", "{table}"])
def test_a_value_is_data_and_never_sql(web: Web, sink: Sink, value: str) -> None:
    apply(sink, anomaly(), anomaly("b", incident_id=value, description=value))
    rows = web.client.get("/api/v1/anomalies", query_string={"incident": json.dumps([value])}).get_json()
    assert [(row["anomaly_id"], row["description"]) for row in rows] == [("b", value)]
    assert len(web.get("/api/v1/anomalies")) == 2
