"""One plain sentence says why."""

import pytest

from detector.description import quantity
from detector.rules import Rule
from detector.settings import DetectorSettings
from tests.fast.detector.counting import Minutes


def test_an_error_surge_says_how_many_failed_of_how_many_and_what_is_usual() -> None:
    minutes = Minutes()
    minutes.pass_minutes([(210, 1, 0.1)] * 10)
    (anomaly,) = minutes.pass_minutes([(212, 76, 0.1)])
    assert anomaly.description == (
        "35.8 % of 212 requests failed in the minute from 12:10 UTC;"
        " usual over the last hour is 0.476 %, the limit 1.43 %"
    )


def test_a_latency_spike_says_how_slow_and_what_is_promised() -> None:
    minutes = Minutes(DetectorSettings(sla_latency_ms=200))
    minutes.pass_minutes([(40, 0, 0.1)] * 10)
    (anomaly,) = minutes.pass_minutes([(40, 0, 1.85)])
    assert anomaly.description == (
        "p95 latency of 40 requests was 1.85 s in the minute from 12:10 UTC;"
        " usual over the last hour is 99.6 ms, the limit 199 ms"
    )


@pytest.mark.parametrize(
    ("rule", "value", "text"),
    [
        (Rule.ERROR_RATE, 0.0, "0 %"),
        (Rule.ERROR_RATE, 0.00001, "less than 0.01 %"),
        (Rule.ERROR_RATE, 0.0023, "0.23 %"),
        (Rule.ERROR_RATE, 1.0, "100 %"),
        (Rule.LATENCY_SLA, 0.0000005, "less than 0.01 ms"),
        (Rule.LATENCY_SLA, 0.9999, "1000 ms"),
        (Rule.LATENCY_SLA, 12.345, "12.3 s"),
        (Rule.LATENCY_SLA, 3562.7, "3563 s"),
        (Rule.TRAFFIC_DROP, 0.0, "0 requests/s"),
        (Rule.TRAFFIC_SURGE, 123.4, "123 requests/s"),
    ],
)
def test_quantities_have_three_digits_a_unit_and_no_exponent(rule: Rule, value: float, text: str) -> None:
    assert quantity(rule, value) == text
