"""The layers of the simPod provisioning are answered by the exporters."""

import re
from typing import Any

import pytest

from contracts.times import from_epoch_ms, to_rfc3339
from grafana.build import dashboards
from grafana.dashboards_source.layers import AnnotationSource
from grafana.schema.queries import Datasource
from tests.fast.grafana.conftest import FROM_MS, TO_MS, Exporters

LAYERS = [
    layer.json({"Anomalies by service": 1})
    for dashboard in dashboards(source=AnnotationSource.SIMPOD)
    for layer in dashboard.layers
    if layer.datasource is Datasource.SIMPOD
]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: str(layer["name"]))
@pytest.mark.parametrize("service", ["payments", "(checkout|payments)", ".*"])
def test_a_layer_is_answered_with_marks(exporters: Exporters, layer: dict[str, Any], service: str) -> None:
    payload = {name: re.sub(r"^\$service$", service, value) for name, value in layer["target"]["payload"].items()}
    body = {
        "range": {"from": to_rfc3339(from_epoch_ms(FROM_MS)), "to": to_rfc3339(from_epoch_ms(TO_MS))},
        "targets": [{**layer["target"], "payload": payload}],
    }
    answer = exporters.client.post("/grafana/query", json=body)
    assert answer.status_code == 200, answer.get_json()
    (frame,) = answer.get_json()
    assert frame["refId"] == "Anno"
    marked = service != "payments" or layer["name"] != "Warning"
    assert bool(frame["rows"]) == marked
    assert {"time", "timeEnd", "title", "text", "tags"} <= {column["text"] for column in frame["columns"]} or not marked


def test_there_are_layers_to_ask() -> None:
    assert [layer["name"] for layer in LAYERS] == ["Critical", "Warning", "Critical", "Warning", "Injected"]
