"""What each rule makes of a window, beside what is usual."""

from datetime import UTC, datetime

import pytest

from contracts.anomalies import Severity
from contracts.histogram import bucket_index
from detector.decision import Decision, Level, Verdict, decide, windows_back
from detector.measurement import Measured, Sample
from detector.rules import RULES, Rule
from detector.scoring import Observation, Score, scores
from detector.settings import DetectorSettings
from detector.spread import Band, Centre
from detector.usual import UNKNOWN, Usual

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SETTINGS = DetectorSettings(sla_latency_ms_by_service={"search": 100})
NORMAL, TOO_FEW = Decision(Verdict.NORMAL), Decision(Verdict.TOO_FEW)
NO_DATA, NO_BASELINE = Decision(Verdict.NO_DATA), Decision(Verdict.NO_BASELINE)
STEADY = Usual(0.0, 6000, Centre(0.1, 0.1), Band(1000.0, 32.0, 32.0), None, 0)


def bad(level: Level, severity: Severity = Severity.WARNING) -> Decision:
    return Decision(Verdict.ANOMALOUS, level, severity)


def observed(requests: int, errors: int, p95: float | None, service: str = "checkout") -> Observation:
    measured = Measured(NOON, requests, errors, p95)
    histogram = {} if p95 is None else {bucket_index(p95): (requests, errors)}
    return Observation(service, measured, histogram, Sample(1, requests, errors, p95), requests, 1)


def decided(rule: Rule, seen: Observation, usual: Usual = STEADY) -> Decision:
    score = scores(seen, usual, SETTINGS)[RULES.index(rule)]
    return decide(score, seen, SETTINGS)


@pytest.mark.parametrize(
    ("requests", "errors", "usual", "expected"),
    [
        pytest.param(0, 0, 0.0, NO_DATA, id="no requests"),
        pytest.param(19, 9, 0.0, TOO_FEW, id="too few requests"),
        pytest.param(1000, 10, 0.0, NORMAL, id="at the floor"),
        pytest.param(1000, 11, 0.0, bad(Level.CLEAR), id="above the floor where there never is an error"),
        pytest.param(1000, 11, 0.004, NORMAL, id="below three times the usual"),
        pytest.param(100, 4, 0.0, TOO_FEW, id="above the limit with too few errors to tell"),
        pytest.param(100, 0, 0.0, NORMAL, id="no errors"),
        pytest.param(1000, 60, 0.02, NORMAL, id="at three times the usual"),
        pytest.param(1000, 61, 0.02, bad(Level.CLEAR), id="above three times the usual"),
        pytest.param(70, 5, 0.02, NORMAL, id="so few that chance explains them"),
        pytest.param(100, 9, 0.02, bad(Level.ELEVATED), id="so few that chance hardly explains them"),
        pytest.param(1000, 50, 0.0, bad(Level.FAR, Severity.CRITICAL), id="five times the limit"),
        pytest.param(1000, 400, 0.1, bad(Level.CLEAR, Severity.CRITICAL), id="the ratio that is always critical"),
        pytest.param(12, 12, 0.0, NORMAL._replace(verdict=Verdict.TOO_FEW), id="a dozen failures of a busy service"),
        pytest.param(2**60, 2**60, 0.0, bad(Level.FAR, Severity.CRITICAL), id="numbers beyond any traffic"),
    ],
)
def test_errors(requests: int, errors: int, usual: float, expected: Decision) -> None:
    seen = observed(requests, errors, 0.1 if requests else None)
    assert decided(Rule.ERROR_RATE, seen, STEADY._replace(error_ratio=usual)) == expected


@pytest.mark.parametrize(("windows", "level"), [(1, Level.CLEAR), (3, Level.FAR)])
def test_a_pooled_sample_of_errors_that_chance_never_makes_is_enough(windows: int, level: Level) -> None:
    seen = observed(24, 8, 0.1)._replace(sample=Sample(windows, 24, 8, 0.1))
    assert decided(Rule.ERROR_RATE, seen).level is level


def test_errors_without_a_baseline_are_held_against_the_burn_rate_of_the_promise() -> None:
    assert decided(Rule.ERROR_RATE, observed(100, 7, 0.1), UNKNOWN) == NORMAL
    assert decided(Rule.ERROR_RATE, observed(100, 8, 0.1), UNKNOWN) == bad(Level.CLEAR)


def test_while_the_error_budget_burns_half_the_factor_is_a_surge() -> None:
    calm, burning = (STEADY._replace(error_ratio=0.04, burn_rate=rate) for rate in (14.4, 14.5))
    assert decided(Rule.ERROR_RATE, observed(1000, 80, 0.1), calm) == NORMAL
    assert decided(Rule.ERROR_RATE, observed(1000, 80, 0.1), burning) == bad(Level.CLEAR)


@pytest.mark.parametrize(
    ("requests", "p95", "usual", "expected"),
    [
        pytest.param(0, None, Centre(0.1, 0.1), NO_DATA, id="no requests"),
        pytest.param(19, 9.0, Centre(0.1, 0.1), TOO_FEW, id="too few requests"),
        pytest.param(100, 0.2, Centre(0.1, 0.1), NORMAL, id="at twice the usual"),
        pytest.param(100, 0.21, Centre(0.1, 0.1), bad(Level.CLEAR), id="above twice the usual of a steady service"),
        pytest.param(100, 0.25, Centre(0.1, 0.3), bad(Level.ELEVATED), id="where latency varies by a third"),
        pytest.param(100, 0.21, Centre(0.1, 0.3), NORMAL, id="within its spread"),
        pytest.param(100, 0.013, Centre(0.004, 0.1), NORMAL, id="three times as much, and nobody feels it"),
        pytest.param(100, 0.25, Centre(0.1, 0.1), bad(Level.CLEAR), id="2.5 x the usual, and not a request above"),
        pytest.param(1000, 0.5, Centre(0.1, 0.1), bad(Level.FAR), id="many requests above 2.5 x the usual"),
        pytest.param(1000, 0.6, Centre(0.1, 0.1), bad(Level.FAR, Severity.CRITICAL), id="above the promise as well"),
        pytest.param(100, 1.5, Centre(0.8, 0.1), bad(Level.ELEVATED), id="1.9 x the usual and beyond twice the SLA"),
        pytest.param(100, 1.1, Centre(0.8, 0.1), NORMAL, id="beyond twice the SLA as ever"),
        pytest.param(100, 0.0, Centre(0.0, 0.1), NORMAL, id="faster than the histogram resolves"),
        pytest.param(100, 1e9, Centre(1e9, 0.1), NORMAL, id="beyond any latency, as ever"),
    ],
)
def test_latency(requests: int, p95: float | None, usual: Centre, expected: Decision) -> None:
    assert decided(Rule.LATENCY_SLA, observed(requests, 0, p95), STEADY._replace(latency=usual)) == expected


def test_latency_without_a_baseline_is_held_against_the_promise_of_the_service() -> None:
    assert decided(Rule.LATENCY_SLA, observed(20, 0, 0.3, "search"), UNKNOWN) == bad(Level.CLEAR)
    assert decided(Rule.LATENCY_SLA, observed(20, 0, 0.3, "checkout"), UNKNOWN) == NORMAL


@pytest.mark.parametrize(
    ("requests", "usual", "dropped", "surged"),
    [
        pytest.param(1000, Band(1000.0, 32.0, 32.0), NORMAL, NORMAL, id="as usual"),
        pytest.param(700, Band(1000.0, 32.0, 32.0), NORMAL, NORMAL, id="just enough"),
        pytest.param(690, Band(1000.0, 32.0, 32.0), bad(Level.FAR), NORMAL, id="less than chance ever leaves"),
        pytest.param(690, Band(1000.0, 60.0, 60.0), bad(Level.CLEAR), NORMAL, id="less than usual of one that varies"),
        pytest.param(690, Band(1000.0, 110.0, 110.0), bad(Level.ELEVATED), NORMAL, id="of one that varies more"),
        pytest.param(100, Band(1000.0, 32.0, 32.0), bad(Level.FAR, Severity.CRITICAL), NORMAL, id="hardly anything"),
        pytest.param(0, Band(1000.0, 32.0, 32.0), bad(Level.FAR, Severity.CRITICAL), NORMAL, id="silence"),
        pytest.param(1750, Band(1000.0, 32.0, 32.0), NORMAL, bad(Level.CLEAR), id="much"),
        pytest.param(2000, Band(1000.0, 32.0, 32.0), NORMAL, bad(Level.FAR), id="twice as much"),
        pytest.param(
            5001, Band(1000.0, 32.0, 32.0), NORMAL, bad(Level.FAR, Severity.CRITICAL), id="five times as much"
        ),
        pytest.param(1800, Band(1000.0, 350.0, 350.0), NORMAL, NORMAL, id="bursts as ever"),
        pytest.param(0, Band(1000.0, 400.0, 400.0), TOO_FEW, NORMAL, id="one that stops as ever"),
        pytest.param(0, Band(3.0, 2.0, 2.0), TOO_FEW, TOO_FEW, id="too thin to be missed"),
        pytest.param(0, Band(0.0, 0.0, 0.0), TOO_FEW, TOO_FEW, id="nothing as ever"),
    ],
)
def test_traffic(requests: int, usual: Band, dropped: Decision, surged: Decision) -> None:
    seen, known = observed(requests, 0, 0.1 if requests else None), STEADY._replace(traffic=usual)
    assert (decided(Rule.TRAFFIC_DROP, seen, known), decided(Rule.TRAFFIC_SURGE, seen, known)) == (dropped, surged)


def test_traffic_without_a_baseline_is_not_judged_and_a_silent_pipeline_says_nothing() -> None:
    seen = observed(100, 0, 0.1)
    assert decided(Rule.TRAFFIC_DROP, seen, UNKNOWN) == decided(Rule.TRAFFIC_SURGE, seen, UNKNOWN) == NO_BASELINE
    assert decided(Rule.TRAFFIC_DROP, observed(0, 0, None)._replace(traffic_minutes=0)) == NO_DATA


@pytest.mark.parametrize(
    ("levels", "is_restless", "back"),
    [
        pytest.param((3, 0, 0), False, 0, id="one far window"),
        pytest.param((3, 0, 0), True, 0, id="one far window of a restless service"),
        pytest.param((2, 0, 0), False, None, id="one clear window"),
        pytest.param((2, 2, 0), False, 1, id="two clear windows"),
        pytest.param((2, 0, 2), False, 2, id="two clear windows of three"),
        pytest.param((2, 2, 0), True, None, id="two clear windows of a restless service"),
        pytest.param((2, 2, 1), True, 2, id="three bad windows of a restless service"),
        pytest.param((1, 1, 1), False, 2, id="three elevated windows"),
        pytest.param((1, 1, 0), False, None, id="two elevated windows"),
        pytest.param((1, 2, 2), False, 2, id="an elevated window after two clear ones"),
        pytest.param((0, 2, 2), False, None, id="a window that is over"),
        pytest.param((3, 1, 0), False, 1, id="a far window after an elevated one"),
    ],
)
def test_how_many_bad_windows_begin_an_anomaly(levels: tuple[int, ...], is_restless: bool, back: int | None) -> None:
    assert windows_back(levels, is_restless=is_restless) == back


def test_what_counts_as_far_is_never_uncounted() -> None:
    """An early call rests on it: a score's ``far`` grows with counts and its limit is set by the past alone."""
    few, more = (scores(observed(n, n // 2, 0.9), STEADY, SETTINGS) for n in (200, 900))
    for before, after in zip(few, more, strict=True):
        assert isinstance(before, Score)
        assert before.far <= after.far
        assert before.far_limit == after.far_limit
