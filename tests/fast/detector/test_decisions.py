"""What each rule makes of a window."""

from datetime import UTC, datetime

import pytest

from contracts.anomalies import Severity
from detector.decision import Decision, Verdict, decide
from detector.measurement import Measured
from detector.scoring import UNKNOWN, Usual, scores
from detector.settings import DetectorSettings

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NORMAL, TOO_FEW = Decision(Verdict.NORMAL), Decision(Verdict.TOO_FEW)
WARNING = Decision(Verdict.ANOMALOUS, Severity.WARNING)
CRITICAL = Decision(Verdict.ANOMALOUS, Severity.CRITICAL)
SETTINGS = DetectorSettings(sla_latency_ms_by_service={"search": 100})


def on_errors(requests: int, errors: int, usual: float | None) -> Decision:
    measured = Measured(NOON, requests, errors, 0.1 if requests else None)
    score, _ = scores("checkout", measured, Usual(usual, 0.1), SETTINGS)
    return decide(score, measured, SETTINGS)


def on_latency(requests: int, p95_seconds: float | None, service: str = "checkout") -> Decision:
    measured = Measured(NOON, requests, 0, p95_seconds)
    _, score = scores(service, measured, UNKNOWN, SETTINGS)
    return decide(score, measured, SETTINGS)


@pytest.mark.parametrize(
    ("requests", "errors", "usual", "expected"),
    [
        pytest.param(0, 0, 0.0, Decision(Verdict.NO_DATA), id="no requests"),
        pytest.param(19, 19, 0.0, TOO_FEW, id="too few requests, however bad"),
        pytest.param(100, 50, None, Decision(Verdict.NO_BASELINE), id="nothing is known to be usual"),
        pytest.param(1000, 10, 0.0, NORMAL, id="at the floor"),
        pytest.param(1000, 11, 0.0, WARNING, id="above the floor, with a baseline without any error"),
        pytest.param(100, 4, 0.0, TOO_FEW, id="above the limit with too few errors to tell"),
        pytest.param(100, 0, 0.0, NORMAL, id="no errors"),
        pytest.param(1000, 60, 0.02, NORMAL, id="at three times the usual"),
        pytest.param(1000, 61, 0.02, WARNING, id="above three times the usual"),
        pytest.param(1000, 50, 0.0, CRITICAL, id="five times the limit"),
        pytest.param(1000, 299, 0.08, WARNING, id="just below the ratio that is always critical"),
        pytest.param(1000, 300, 0.08, CRITICAL, id="almost every third request"),
        pytest.param(20, 20, 0.4, NORMAL, id="a limit above 1 is never crossed"),
        pytest.param(2**60, 2**60, 0.0, CRITICAL, id="numbers beyond any traffic"),
    ],
)
def test_errors(requests: int, errors: int, usual: float | None, expected: Decision) -> None:
    assert on_errors(requests, errors, usual) == expected


@pytest.mark.parametrize(
    ("requests", "p95_seconds", "expected"),
    [
        pytest.param(0, None, Decision(Verdict.NO_DATA), id="no requests"),
        pytest.param(19, 9.0, TOO_FEW, id="too few requests"),
        pytest.param(20, 1.0, NORMAL, id="at twice the SLA"),
        pytest.param(20, 1.001, WARNING, id="above twice the SLA, without a baseline"),
        pytest.param(20, 1.999, WARNING, id="below twice the limit"),
        pytest.param(20, 2.0, CRITICAL, id="twice the limit"),
        pytest.param(20, 0.0, NORMAL, id="faster than the histogram resolves"),
    ],
)
def test_latency(requests: int, p95_seconds: float | None, expected: Decision) -> None:
    assert on_latency(requests, p95_seconds) == expected


def test_a_service_has_its_own_sla() -> None:
    assert on_latency(20, 0.3, "search") == WARNING
    assert on_latency(20, 0.3, "checkout") == NORMAL
