"""Every Infinity query is answered by the exporters with the columns that its panel uses."""

import re
from typing import Any

import pytest

from tests.fast.grafana.committed import BOARDS, UIDS, Json, all_panels, dictionaries, label
from tests.fast.grafana.conftest import FROM_MS, TO_MS, Exporters

CHOSEN = {
    "${__timeFrom}": str(FROM_MS),
    "${__timeTo}": str(TO_MS),
    "${__interval_ms}": "60000",
    "${service:csv}": "payments,checkout",
    "${severity:csv}": "critical,warning",
    "${endpoint:csv}": "/api/cart",
    "${incident}": "i",
}
"""What Grafana puts in where a few of each are chosen."""
ALL = {**CHOSEN, "${service:csv}": ".*", "${severity:csv}": ".*", "${endpoint:csv}": ".*"}

QUERIES = [
    (uid, each)
    for uid in UIDS
    for each in dictionaries(BOARDS[uid])
    if each.get("source") == "url" and "url_options" in each
]
each_query = pytest.mark.parametrize("query", [query for _, query in QUERIES], ids=lambda query: str(query["url"]))
WITH_FACTS = [panel for _, panel in all_panels() if "columns" in panel["targets"][0]]


def rows(exporters: Exporters, query: Json, values: dict[str, str]) -> list[Json]:
    parameters = [(each["key"], values.get(each["value"], each["value"])) for each in query["url_options"]["params"]]
    assert not [value for _, value in parameters if "$" in value]
    found: list[Json] = exporters.get(query["url"], parameters)
    return found


def is_of_type(value: Any, kind: str) -> bool:  # noqa: ANN401 - decoded JSON
    """Return whether Infinity reads a value as this type; null is an unknown number."""
    match kind:
        case "string":
            return isinstance(value, str)
        case "timestamp_epoch":
            return type(value) is int and value > 10**12
        case "number":
            return value is None or type(value) in (int, float)
    raise AssertionError(kind)


@each_query
@pytest.mark.parametrize("values", [CHOSEN, ALL], ids=["some", "all"])
def test_a_query_is_answered_with_its_columns(exporters: Exporters, query: Json, values: dict[str, str]) -> None:
    found = rows(exporters, query, values)
    assert found, "there is something for every panel"
    columns = {column["selector"]: column["type"] for column in query["columns"]}
    if not columns:
        columns = {"__text": "string", "__value": "string"}
    for row in found:
        assert [name for name, kind in columns.items() if not is_of_type(row[name], kind)] == []


def test_every_query_to_infinity_was_asked() -> None:
    asked = [
        each
        for uid in UIDS
        for each in dictionaries(BOARDS[uid])
        if "refId" in each and each.get("datasource", {}).get("uid") == "obs-infinity"
    ]
    assert asked == [query for _, query in QUERIES]
    assert {uid for uid, _ in QUERIES} == set(UIDS)


@each_query
def test_without_an_incident_its_panels_are_empty(exporters: Exporters, query: Json) -> None:
    if "${incident}" in [each["value"] for each in query["url_options"]["params"]]:
        assert rows(exporters, query, {**CHOSEN, "${incident}": ""}) == []


@each_query
def test_a_query_is_read_by_the_backend_and_names_its_range(query: Json) -> None:
    assert (query["type"], query["parser"], query["root_selector"]) == ("json", "backend", "")
    assert query["url_options"]["method"] == "GET"
    assert query["url_options"]["params"][:2] == [
        {"key": "from", "value": "${__timeFrom}"},
        {"key": "to", "value": "${__timeTo}"},
    ]


@pytest.mark.parametrize("panel", WITH_FACTS, ids=label)
def test_links_and_overrides_use_columns_that_are_asked_for(panel: Json) -> None:
    columns = {column["selector"] for target in panel["targets"] for column in target["columns"]}
    for override in panel["fieldConfig"]["overrides"]:
        used = re.findall(r"\$\{__data\.fields\.(\w+)\}", str(override["properties"]))
        assert set(used) <= columns
        if panel["type"] != "timeseries" and override["matcher"]["id"] == "byName":
            assert override["matcher"]["options"] in columns


@pytest.mark.parametrize("panel", WITH_FACTS, ids=label)
def test_every_column_is_ordered_or_hidden(panel: Json) -> None:
    """Infinity answers columns in alphabetical order."""
    if panel["type"] != "table":
        return
    columns = {column["selector"] for column in panel["targets"][0]["columns"]}
    orders = [each["options"]["indexByName"] for each in panel["transformations"] if each["id"] == "organize"]
    hidden = {
        name
        for override in panel["fieldConfig"]["overrides"]
        if {"id": "custom.hideFrom.viz", "value": True} in override["properties"]
        for name in override["matcher"]["options"].strip("/^$()").split("|")
    }
    ordered = set(orders[0]) if orders else columns
    assert columns == ordered | hidden
