"""/api/v1/annotations: marks that Grafana renders as HTML, on layers that do not overlap."""

import logging

import pytest

from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import HOSTILE, anomaly, apply, at, injection, reach, summary, template
from tests.fast.exporters.traffic import MINUTE, START

PATH = "/api/v1/annotations"
ESCAPED = (
    "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; # **[a](http://b.c)** `|~&quot;&amp;\N{REPLACEMENT CHARACTER}"
)


@pytest.fixture(autouse=True)
def an_hour_later(web: Web) -> None:
    web.now = START + 60 * MINUTE


def ids(web: Web, query: str) -> list[str]:
    return [row["id"] for row in web.get(f"{PATH}?{query}")]


def test_an_incident_says_whose_it_is_what_happened_and_why(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", end=5), anomaly("b", 1, 5, anomaly_type="latency_spike"), summary())
    assert web.get(PATH) == [
        {
            "time": at(0), "timeEnd": at(5), "title": "Critical, resolved · payments: error surge, latency spike",
            "text": "payments fails 36 % of requests<br>Why: A dependency of /api/charge times out.<br>"
            f'<a href="/d/obs-incidents?var-incident=i&amp;from={at(-20)}&amp;to={at(20)}">Open the incident</a>',
            "tags": "payments", "id": "i", "severity": "critical", "newState": "",
        }
    ]  # fmt: skip


def test_an_open_one_lasts_until_now_and_gives_no_reason_it_does_not_have(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(severity="warning"), template())
    (row,) = web.get(PATH)
    assert row["title"] == "Warning, open · payments: error surge"
    assert row["timeEnd"] == at(60)
    assert "Why" not in row["text"]


def test_layers_of_severity_are_disjoint(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a"), anomaly("b", severity="warning"), anomaly("c", severity="warning", incident_id="j"))
    layers = [ids(web, f"severity={severity}") for severity in ("critical", "warning")]
    assert layers == [["i"], ["j"]]


def test_anomalies_are_marks_of_their_own(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", 1, 5, endpoint="/pay"), anomaly("b", 2, severity="warning", baseline_value=None))
    newest, oldest = web.get(f"{PATH}?kind=anomaly")
    assert (newest["id"], newest["title"]) == ("b", "Warning, open · payments: error surge")
    assert "35.5 %, usual unknown, limit 1.16 %" in newest["text"]
    assert oldest["title"] == "Critical, resolved · payments /pay: error surge"
    assert (oldest["time"], oldest["timeEnd"]) == (at(1), at(5))


def test_injections_are_marks_without_a_severity(web: Web, sink: Sink) -> None:
    apply(sink, injection(), injection("m", 59, 65, kind="traffic_drop", magnitude=0.2))
    reach(sink, 60)
    running, ended = web.get(f"{PATH}?kind=injection")
    assert (running["title"], running["text"]) == ("Injected · payments: traffic drop", "rate × 0.2, running")
    assert (running["timeEnd"], running["severity"]) == (at(60), "")
    assert ended["text"] == "errors 55.0 %, missed"
    assert ids(web, "kind=injection&severity=critical") == []


def test_every_row_has_every_key_and_an_end(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(), injection())
    keys = ["time", "timeEnd", "title", "text", "tags", "id", "severity", "newState"]
    for kind in ("incident", "anomaly", "injection"):
        assert [list(row) for row in web.get(f"{PATH}?kind={kind}")] == [keys]


def test_hostile_text_is_escaped(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(description=HOSTILE), summary(headline=HOSTILE, hypothesis=HOSTILE))
    assert web.get(PATH)[0]["text"].startswith(f"{ESCAPED}<br>Why: {ESCAPED}<br><a href=")
    assert web.get(f"{PATH}?kind=anomaly")[0]["text"].startswith(f"{ESCAPED}<br>")


def test_a_hostile_id_stays_within_its_link(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(incident_id='"><img src=x onerror=y>&a=b'))
    (row,) = web.get(PATH)
    assert row["text"].count("<") == row["text"].count(">") == 3
    assert "var-incident=%22%3E%3Cimg+src%3Dx+onerror%3Dy%3E%26a%3Db&amp;from=" in row["text"]


def test_names_and_time_select_newest_first(web: Web, sink: Sink) -> None:
    apply(
        sink,
        anomaly("a", 0, 5),
        anomaly("b", 20, 25, incident_id="j"),
        anomaly("c", 9, incident_id="k", service="search"),
    )
    assert ids(web, "service=payments") == ["j", "i"]
    assert ids(web, f"from={at(8)}&to={at(19)}") == ["k"]
    assert ids(web, "limit=1") == ["j"]
    apply(sink, anomaly("d", 30, severity="warning"), first_offset=3)
    assert ids(web, "limit=1&kind=anomaly") == ["d"]


@pytest.mark.parametrize("query", ["kind=alert", "kind=incident,anomaly", "severity=high", "color=red"])
def test_what_is_not_understood_is_a_400_that_somebody_hears_of(
    web: Web, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    with caplog.at_level(logging.WARNING):
        assert web.client.get(f"{PATH}?{query}").status_code == 400
    assert [vars(record)["path"] for record in caplog.records] == [PATH]
