"""Panels stand side by side: no cell of the grid is empty or used twice, so that every screen is full."""

from collections import Counter

import pytest

from tests.fast.grafana.committed import UIDS, Json, everything

COLUMNS = 24


def _cells(place: Json) -> list[tuple[int, int]]:
    across, down = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
    return [(x, y) for x in across for y in down]


@pytest.mark.parametrize("uid", UIDS)
def test_every_cell_belongs_to_one_panel(uid: str) -> None:
    used = Counter(cell for panel in everything(uid) for cell in _cells(panel["gridPos"]))
    height = 1 + max(y for _, y in used)
    assert used == Counter((x, y) for x in range(COLUMNS) for y in range(height))
