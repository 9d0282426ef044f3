"""What every rule must stand: hostile and degenerate series. A rule that is not listed here fails a test of its own."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest
from pydantic import TypeAdapter

from contracts.anomalies import Anomaly
from contracts.histogram import bucket_index
from detector.decision import Verdict
from detector.engine import Engine, EngineState
from detector.history import ServiceHistory
from detector.judgement import Case, Window, judge
from detector.rules import RULES, Rule
from detector.settings import DetectorSettings
from detector.usual import UNKNOWN
from detector.windows import ServiceCounts
from tests.fast.detector.counting import CALM, DELAY, MINUTE, START, Minutes, Traffic, counts

STATE: TypeAdapter[EngineState] = TypeAdapter(EngineState)
SETTINGS = DetectorSettings()


@dataclass(frozen=True)
class Subject:
    """A rule with what it must find, and how its values are made: a service's traffic of a minute."""

    rule: Rule
    bad: Traffic
    of: Callable[[float], Traffic]


SUBJECTS = (
    Subject(Rule.ERROR_RATE, (100, 30, 0.1), lambda value: (100, round(min(value, 1.0) * 100), 0.1)),
    Subject(Rule.LATENCY_SLA, (100, 0, 0.9), lambda value: (100, 0, min(value, 3600.0))),
    Subject(Rule.TRAFFIC_DROP, (5, 0, 0.1), lambda value: (round(min(value, 1e9) * 1000), 0, 0.1)),
    Subject(Rule.TRAFFIC_SURGE, (900, 0, 0.1), lambda value: (round(min(value, 1e9) * 1000), 0, 0.1)),
)
each_rule = pytest.mark.parametrize("subject", SUBJECTS, ids=[subject.rule.value for subject in SUBJECTS])


def found(subject: Subject, changed: list[Anomaly]) -> list[Anomaly]:
    return [each for each in changed if each.evidence.rule == subject.rule.value]


def pass_beside_another(minutes: Minutes, traffic: list[Traffic]) -> list[Anomaly]:
    """Let checkout have this traffic while another service is as ever, so that stream time goes on."""
    return [each for one in traffic for each in minutes.pass_minute({"checkout": one, "other": CALM})]


def after_an_hour(subject: Subject) -> Minutes:
    minutes = Minutes()
    assert found(subject, pass_beside_another(minutes, [CALM] * 60)) == []
    return minutes


def test_every_rule_is_covered() -> None:
    assert tuple(subject.rule for subject in SUBJECTS) == RULES


@each_rule
def test_it_finds_what_it_is_for(subject: Subject) -> None:
    changed = found(subject, pass_beside_another(after_an_hour(subject), [subject.bad] * 5 + [CALM] * 3))
    assert len({each.anomaly_id for each in changed}) == 1
    assert changed[-1].resolved
    assert all(math.isfinite(each.metric_value) and math.isfinite(each.threshold_value) for each in changed)


@each_rule
def test_an_empty_service_is_never_bad(subject: Subject) -> None:
    assert found(subject, pass_beside_another(Minutes(), [(0, 0, 0.1)] * 100)) == []


@each_rule
@pytest.mark.parametrize("value", [0.0, 1e-9, 0.05, 1.0, 1e9])
def test_what_is_constant_is_usual_and_its_spread_of_zero_does_no_harm(subject: Subject, value: float) -> None:
    minutes = Minutes()
    pass_beside_another(minutes, [subject.of(value)] * 30)
    assert found(subject, pass_beside_another(minutes, [subject.of(value)] * 90)) == []


@each_rule
def test_values_near_a_billion_are_judged_as_any_other(subject: Subject) -> None:
    random, minutes = Random(1), Minutes()
    huge = [(round(1e9 * random.uniform(0.95, 1.05)), 1_000_000, 0.1) for _ in range(120)]
    assert found(subject, pass_beside_another(minutes, huge)) == []
    requests, errors, latency = subject.bad
    pass_beside_another(minutes, [(requests * 10_000_000, errors * 10_000_000, latency)] * 3)
    assert subject.rule in {Rule(each.evidence.rule) for each in minutes.published}


@each_rule
def test_one_huge_value_is_called_once_at_most_and_moves_no_limit(subject: Subject) -> None:
    minutes = after_an_hour(subject)
    changed = found(subject, pass_beside_another(minutes, [subject.of(1e9)] + [CALM] * 30))
    assert len({each.anomaly_id for each in changed}) <= 1
    again = found(subject, pass_beside_another(minutes, [subject.bad] * 5))
    assert len({each.anomaly_id for each in again}) == 1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.0])
def test_a_latency_that_is_no_number_of_seconds_never_gets_as_far_as_a_rule(value: float) -> None:
    with pytest.raises(ValueError, match="finite number of seconds"):
        bucket_index(value)


@each_rule
def test_order_of_arrival_makes_no_difference(subject: Subject) -> None:
    traffic = [CALM] * 30 + [subject.bad] * 5 + [CALM] * 5
    in_order = Minutes()
    pass_beside_another(in_order, traffic)
    windows = [
        counts(minute, each, service) for service in ("checkout", "other") for minute, each in enumerate(traffic)
    ]
    others = [counts(minute, CALM, "other") for minute in range(len(traffic))]
    windows = [each for each in windows if each.service == "checkout"] + others
    Random(2).shuffle(windows)
    assert Engine(SETTINGS).feed(windows, START + 40 * MINUTE + DELAY) == in_order.published


@each_rule
@pytest.mark.parametrize("gap", [1, 4, 59, 61, 3000])
def test_a_gap_of_the_whole_pipeline_is_no_anomaly(subject: Subject, gap: int) -> None:
    minutes = after_an_hour(subject)
    assert minutes.skip_minutes(gap) == []
    assert found(subject, pass_beside_another(minutes, [CALM] * 30)) == []


@each_rule
def test_a_restart_at_any_minute_changes_nothing(subject: Subject) -> None:
    traffic = [CALM] * 20 + [subject.bad] * 4 + [CALM] * 4
    straight, restarted = Minutes(), Minutes()
    pass_beside_another(straight, traffic)
    for each in traffic:
        restarted.engine = Engine(SETTINGS, STATE.validate_json(STATE.dump_json(restarted.engine.state())))
        pass_beside_another(restarted, [each])
    assert restarted.published == straight.published


@each_rule
def test_scoring_twice_gives_the_same_and_changes_nothing(subject: Subject) -> None:
    minutes = after_an_hour(subject)
    past = minutes.engine.services["checkout"]
    before = copy.deepcopy(past)
    start = START + minutes.minute * MINUTE
    endpoints = {"/": {bucket_index(subject.bad[2]): subject.bad[:2]}}
    usual = past.held
    case = Case("checkout", Window(start, anybody=True), ServiceCounts(endpoints), past, usual)
    assert judge(case, SETTINGS) == judge(case, SETTINGS)
    assert past == before


@each_rule
def test_without_a_past_nothing_is_claimed_to_be_usual(subject: Subject) -> None:
    endpoints = {"/": {bucket_index(0.1): (100, 0)}}
    case = Case("new", Window(START, anybody=True), ServiceCounts(endpoints), ServiceHistory(), UNKNOWN)
    judged = judge(case, SETTINGS)
    assert judged.scores[RULES.index(subject.rule)].expected is None
    assert judged.verdict(subject.rule) in (Verdict.NORMAL, Verdict.NO_BASELINE)
