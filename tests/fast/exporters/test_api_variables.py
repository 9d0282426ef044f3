"""/api/v1/variables: what the drop-downs of a dashboard offer."""

import pytest

from exporters.store.sink import Sink
from exporters.web.variables import MAX_INCIDENTS
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import anomaly, apply, at
from tests.fast.exporters.traffic import MINUTE, START, messages, update

PATH = "/api/v1/variables"


@pytest.fixture(autouse=True)
def an_hour_later(web: Web) -> None:
    web.now = START + 60 * MINUTE


def values(web: Web, path: str) -> list[str]:
    return [row["__value"] for row in web.get(f"{PATH}/{path}")]


def test_services_and_endpoints_are_those_with_requests_sorted(web: Web, sink: Sink) -> None:
    sink.apply("A", messages([update(service="search", endpoint="/z"), update(endpoint="/b"), update(endpoint="/a")]))
    assert web.get(f"{PATH}/services") == [
        {"__text": "checkout", "__value": "checkout"},
        {"__text": "search", "__value": "search"},
    ]
    assert values(web, "endpoints") == ["/a", "/b", "/z"]
    assert values(web, "endpoints?service=search") == ["/z"]
    assert values(web, f"services?from={at(10)}") == []


def test_an_incident_is_called_by_its_time_service_and_kinds(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a", 33), anomaly("b", 34, anomaly_type="latency_spike"), anomaly("c", 2, 3, incident_id="j"))
    assert web.get(f"{PATH}/incidents") == [
        {"__text": "● 12:33 payments: error surge, latency spike", "__value": "i"},
        {"__text": "12:02 payments: error surge", "__value": "j"},
    ]


def test_the_incidents_of_the_range_come_first_then_others(web: Web, sink: Sink) -> None:
    starts = {"oldest": 0, "old": 10, "young": 20, "youngest": 30}
    apply(sink, *(anomaly(name, start, start + 1, incident_id=name) for name, start in starts.items()))
    assert values(web, f"incidents?from={at(5)}&to={at(25)}") == ["young", "old", "youngest", "oldest"]


def test_there_are_200_choices_at_most(web: Web, sink: Sink) -> None:
    apply(
        sink,
        *(anomaly(f"{number}", number, number + 1, incident_id=f"{number}") for number in range(MAX_INCIDENTS + 1)),
    )
    assert len(values(web, "incidents")) == MAX_INCIDENTS
    assert values(web, f"incidents?to={at(0)}&limit=2") == ["0", str(MAX_INCIDENTS)]


def test_incidents_are_selected_by_service_and_severity(web: Web, sink: Sink) -> None:
    apply(sink, anomaly("a"), anomaly("b", service="search", severity="warning", incident_id="j"))
    assert values(web, "incidents?service=search") == values(web, "incidents?severity=warning") == ["j"]
