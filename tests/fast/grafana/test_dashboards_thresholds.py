"""Colours change at the numbers that are promised; those with an alert change where it fires."""

import pytest

from grafana.schema.colours import Colour
from tests.fast.grafana.committed import all_panels, dictionaries, field, panels

BASE = None
STALE_SECONDS, SLOW_BURN, FAST_BURN = 300, 6, 14.4
"""Limits of alerts: the pipeline is stale, the error budget burns."""

Steps = list[tuple[float | None, Colour]]

EXPECTED: dict[tuple[str, str, str | None], Steps] = {
    ("obs-overview", "Right now", None): [(BASE, Colour.TRUTH)],
    ("obs-overview", "Right now", "Services"): [
        (BASE, Colour.TRUTH), (0, Colour.OK), (1, Colour.WARNING), (2, Colour.CRITICAL),
    ],
    ("obs-overview", "Right now", "Data age"): [
        (BASE, Colour.OK_QUIET), (60, Colour.WARNING), (STALE_SECONDS, Colour.CRITICAL),
    ],
    **{
        (uid, title, column): steps
        for uid, title in (("obs-overview", "Services now"), ("obs-service", "Now"))
        for column, steps in {
            "p95 / SLA": [(BASE, Colour.OK), (0.8, Colour.WARNING), (1, Colour.CRITICAL)],
            "Error budget left": [(BASE, Colour.CRITICAL), (0.0001, Colour.WARNING), (0.25, Colour.OK)],
            "Burn rate 1 h": [(BASE, Colour.OK), (1, Colour.WARNING), (FAST_BURN, Colour.CRITICAL)],
        }.items()
    },
    **{
        (uid, title, None): steps
        for uid in ("obs-overview", "obs-service")
        for title, steps in {
            "Error budget left": [(BASE, Colour.CRITICAL), (0.0, Colour.NONE)],
            "Burn rate (1 h)": [(BASE, Colour.NONE), (SLOW_BURN, Colour.WARNING), (FAST_BURN, Colour.CRITICAL)],
        }.items()
    },
    ("obs-incidents", "Recall, last 24 hours", None): [(BASE, Colour.NONE), (0.9, Colour.WARNING)],
    ("obs-incidents", "Time to detect, last 24 hours", None): [
        (BASE, Colour.NONE), (90, Colour.WARNING), (180, Colour.CRITICAL),
    ],
    ("obs-incidents", "Detection score", "missed"): [(BASE, Colour.OK), (1, Colour.WARNING)],
    ("obs-incidents", "Detection score", "false_alarms"): [(BASE, Colour.OK), (1, Colour.WARNING)],
    ("obs-incidents", "Detection score", "median_delay_seconds"): [
        (BASE, Colour.OK), (90, Colour.WARNING), (180, Colour.CRITICAL),
    ],
    ("obs-pipeline", "Freshness", None): [
        (BASE, Colour.TRUTH), (0, Colour.OK), (60, Colour.WARNING), (STALE_SECONDS, Colour.CRITICAL),
    ],
    ("obs-pipeline", "Events in", None): [(BASE, Colour.TRUTH), (0, Colour.TEXT)],
    ("obs-pipeline", "Lag / limit", None): [
        (BASE, Colour.TRUTH), (0, Colour.OK), (0.5, Colour.WARNING), (1, Colour.CRITICAL),
    ],
    ("obs-pipeline", "Not counted", None): [
        (BASE, Colour.TRUTH), (0, Colour.OK), (0.01, Colour.WARNING), (0.05, Colour.CRITICAL),
    ],
    ("obs-pipeline", "Lost", None): [(BASE, Colour.TRUTH), (0, Colour.OK), (1, Colour.CRITICAL)],
    ("obs-pipeline", "Overdue jobs", None): [(BASE, Colour.TRUTH), (0, Colour.OK), (1, Colour.WARNING)],
    ("obs-pipeline", "Behind real time", None): [
        (BASE, Colour.NONE), (60, Colour.WARNING), (STALE_SECONDS, Colour.CRITICAL),
    ],
    ("obs-pipeline", "Last batches", "lost"): [(BASE, Colour.TEXT), (1, Colour.CRITICAL)],
    ("obs-pipeline", "Last batches", "unaccounted"): [(BASE, Colour.CRITICAL), (0, Colour.OK), (1, Colour.CRITICAL)],
    ("obs-pipeline", "Store: query and write time (p95)", None): [(BASE, Colour.NONE), (0.25, Colour.WARNING)],
    ("obs-pipeline", "Jobs", "Age / interval"): [(BASE, Colour.OK), (1, Colour.WARNING), (1.5, Colour.CRITICAL)],
}  # fmt: skip


def _name(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else ""


@pytest.mark.parametrize(("where", "steps"), EXPECTED.items(), ids=_name)
def test_thresholds_are_those_that_are_promised(where: tuple[str, str, str | None], steps: Steps) -> None:
    uid, title, name = where
    (panel,) = [panel for panel in panels(uid) if panel["title"] == title]
    found = field(panel, name)["thresholds"]
    assert found["mode"] == "absolute"
    assert [(step["value"], step["color"]) for step in found["steps"]] == steps


def test_there_are_no_other_thresholds() -> None:
    found = [each for _, panel in all_panels() for each in dictionaries(panel) if "steps" in each and "mode" in each]
    assert len([each for each in found if each["mode"] == "absolute"]) == len(EXPECTED)
