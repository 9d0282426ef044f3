"""Transformations: what happens between the answers and the panel, in the order in which they are listed."""

from collections.abc import Collection, Mapping, Sequence

from grafana.schema import JsonObject

MERGE: JsonObject = {"id": "merge", "options": {}}
"""One table from several, joined on the columns that they share."""


def organize(order: Sequence[str], drop: Collection[str] = (), rename: Mapping[str, str] | None = None) -> JsonObject:
    """Return an order of columns, with some dropped and some renamed; ``order`` names them as they were before."""
    return {
        "id": "organize",
        "options": {
            "indexByName": {name: index for index, name in enumerate(order)},
            "excludeByName": dict.fromkeys(drop, True),
            "renameByName": dict(rename or {}),
        },
    }


def curves_in_cells(ref_ids: str) -> JsonObject:
    """Return what puts each curve of these queries (``ABC``) into a cell of its series' row.

    Without the filter it also takes an instant query that returns one row.
    """
    matcher = {"id": "byRefId", "options": f"/^({'|'.join(ref_ids)})$/"}
    return {"id": "timeSeriesTable", "filter": matcher, "options": {}}


def lane_per_value(column: str) -> JsonObject:
    """Return what splits a table into one frame per value of a column, which becomes a label."""
    options = {"fields": [column], "keepFields": False, "naming": {"asLabels": True}}
    return {"id": "partitionByValues", "options": options}


def unit_from(ref_id: str, column: str) -> JsonObject:
    """Return what gives the numbers of a panel the unit that another query answers.

    Matching by type works where matching by a regular expression sets nothing.
    """
    options = {
        "configRefId": ref_id,
        "applyTo": {"id": "byType", "options": "number"},
        "mappings": [{"fieldName": column, "handlerKey": "unit"}],
    }
    return {"id": "configFromData", "options": options}
