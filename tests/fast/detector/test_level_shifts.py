"""What stays is accepted as the new usual after a stated time; what is broken never is."""

import pytest

from contracts.anomalies import AnomalyType
from tests.fast.detector.counting import CALM, Minutes, Traffic

SLOWER: Traffic = (100, 0, 0.3)
BUSIER: Traffic = (300, 0, 0.1)
QUIETER: Traffic = (30, 0, 0.1)
FAILING_MORE: Traffic = (100, 10, 0.1)
BROKEN: Traffic = (100, 40, 0.1)


@pytest.mark.parametrize(
    ("level", "kind", "minutes_until"),
    [
        pytest.param(SLOWER, AnomalyType.LATENCY_SPIKE, 60, id="latency"),
        pytest.param(BUSIER, AnomalyType.TRAFFIC_SURGE, 30, id="more traffic"),
        pytest.param(QUIETER, AnomalyType.TRAFFIC_DROP, 30, id="less traffic"),
        pytest.param(FAILING_MORE, AnomalyType.ERROR_SURGE, 360, id="errors"),
    ],
)
def test_a_level_that_stays_becomes_the_usual(
    minutes: Minutes, level: Traffic, kind: AnomalyType, minutes_until: int
) -> None:
    minutes.pass_minutes([CALM] * 50)
    changed = minutes.pass_minutes([level] * minutes_until)
    assert {each.anomaly_type for each in changed} == {kind}
    assert changed[-1].resolved
    assert not changed[-2].resolved
    assert "accepted as the new usual" in changed[-1].description
    assert minutes.pass_minutes([level] * 120) == []


def test_where_every_third_request_fails_nothing_is_accepted(minutes: Minutes) -> None:
    changed = minutes.pass_minutes([BROKEN] * 800)
    assert not changed[-1].resolved


def test_after_an_accepted_level_the_old_one_is_no_anomaly_of_latency(minutes: Minutes) -> None:
    minutes.pass_minutes([SLOWER] * 70)
    assert minutes.pass_minutes([CALM] * 30) == []
