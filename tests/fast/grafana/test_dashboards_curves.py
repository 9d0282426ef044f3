"""What was seen to be missing from curves in a browser."""

import pytest

from tests.fast.grafana.committed import UIDS, panels


@pytest.mark.parametrize("uid", ["obs-overview", "obs-service"])
def test_an_overspent_error_budget_is_drawn_below_zero(uid: str) -> None:
    (budget,) = [panel for panel in panels(uid) if panel["title"] == "Error budget left"]
    defaults = budget["fieldConfig"]["defaults"]
    assert "min" not in defaults
    assert defaults["custom"]["axisSoftMin"] == 0
    assert defaults["custom"]["thresholdsStyle"] == {"mode": "area"}


def test_all_other_curves_begin_at_zero() -> None:
    series = [panel for uid in UIDS for panel in panels(uid) if panel["type"] == "timeseries"]
    others = [panel for panel in series if panel["title"] != "Error budget left"]
    assert others
    assert {panel["fieldConfig"]["defaults"].get("min") for panel in others} == {0}


@pytest.mark.parametrize("title", ["Requests per second · $service", "Latency · $service"])
def test_a_band_of_which_only_the_upper_edge_is_known_begins_at_zero(title: str) -> None:
    (panel,) = [panel for panel in panels("obs-service") if panel["title"] == title]
    (lower,) = [target["expr"] for target in panel["targets"] if target["legendFormat"].endswith(", low")]
    known, _, otherwise = lower.partition(" or 0 * ")
    assert 'bound="lower"' in known
    assert otherwise == known.replace("lower", "upper")
