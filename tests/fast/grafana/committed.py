"""The dashboards as they are committed, and ways to walk through them."""

import json
from collections.abc import Iterator
from typing import Any

from grafana.build import FOLDER

Json = dict[str, Any]

UIDS = ("obs-overview", "obs-service", "obs-incidents", "obs-pipeline")
BOARDS: dict[str, Json] = {uid: json.loads((FOLDER / f"{uid}.json").read_text(encoding="utf-8")) for uid in UIDS}


def everything(uid: str) -> Iterator[Json]:
    """Yield panels and rows, those inside of collapsed rows too."""
    for panel in BOARDS[uid]["panels"]:
        yield panel
        yield from panel.get("panels", [])


def panels(uid: str) -> list[Json]:
    """Return what shows data."""
    return [panel for panel in everything(uid) if panel["type"] != "row"]


def all_panels() -> list[tuple[str, Json]]:
    """Return every panel with the uid of its dashboard."""
    return [(uid, panel) for uid in UIDS for panel in panels(uid)]


def label(value: object) -> str | None:
    """Name a test case by its panel."""
    return str(value["title"]) if isinstance(value, dict) and "title" in value else None


def dictionaries(value: object) -> Iterator[Json]:
    """Yield every object inside of a value, whatever holds it."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from dictionaries(inner)


def field(panel: Json, name: str | None) -> Json:
    """Return the options of a field by Grafana's names; None means the defaults.

    Raises:
        KeyError: the panel has no override for this name.
    """
    if name is None:
        return dict(panel["fieldConfig"]["defaults"])
    overrides = {each["matcher"]["options"]: each["properties"] for each in panel["fieldConfig"]["overrides"]}
    return {each["id"]: each["value"] for each in overrides[name]}
