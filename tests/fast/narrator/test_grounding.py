"""Which statements the evidence holds, by the stated rules of rounding and of names."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.anomalies import Anomaly, AnomalyType
from narrator import template
from narrator.account import Account
from narrator.answer import parse
from narrator.facts import facts_of
from narrator.grounding import problems
from narrator.names import as_in_evidence
from tests.fast.narrator.evidence import anomaly, endpoint, other, with_evidence
from tests.fast.narrator.ollama_twin import answer
from tests.fast.narrator.scenarios import SCENARIOS, Scenario

ERRORS = with_evidence(anomaly(), services=(other("checkout", error_ratio=0.0123),))
GOOD = parse(answer())
BARE = Account("", "", "", (), None, (), "low")


def found(text: str, *anomalies: Anomaly) -> tuple[str, ...]:
    return problems(replace(BARE, summary=text), facts_of(anomalies or (ERRORS,)))


def lines(file_name: str) -> list[Any]:
    text = (Path(__file__).parent / file_name).read_text(encoding="utf-8")
    return [pytest.param(*json.loads(line).values(), id=str(at)) for at, line in enumerate(text.splitlines(), start=1)]


def problems_of(scenario: Scenario, changes: dict[str, Any]) -> tuple[str, ...]:
    return problems(parse(json.dumps(scenario.good | changes)), facts_of(scenario.anomalies))


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_the_answer_that_is_varied_is_good_and_so_is_the_template(scenario: Scenario) -> None:
    assert problems_of(scenario, {}) == ()
    assert problems(template.account(scenario.anomalies), facts_of(scenario.anomalies)) == ()


@pytest.mark.parametrize(("scenario", "changes"), lines("good_answers.jsonl"))
def test_a_good_paraphrase_is_accepted(scenario: str, changes: dict[str, Any]) -> None:
    assert problems_of(SCENARIOS[scenario], changes) == ()


@pytest.mark.parametrize(("scenario", "changes"), lines("bad_answers.jsonl"))
def test_an_invention_is_refused_where_it_stands(scenario: str, changes: dict[str, Any]) -> None:
    found = problems_of(SCENARIOS[scenario], changes)
    assert found
    assert found[0].startswith(tuple(changes))


def test_there_are_enough_examples_of_each_kind() -> None:
    assert len(lines("good_answers.jsonl")) >= 50
    assert len(lines("bad_answers.jsonl")) >= 50


@pytest.mark.parametrize(
    "text",
    [
        "36 % of requests fail; 36.3%, 36.25 percent.",
        "Usually 0.2 % of requests fail, the limit is 1 %.",
        "87 of 240 requests failed at 13:37 UTC, on 2026-01-01T13:37:00Z.",
        "Requests fail 181 times more than usual, between 13:37 and 13:38.",
        "Latency p95 was 230 ms, or 0.23 s.",
        "Errors lasted 1 minute; they lasted 60 seconds.",
        "4 req/s arrived; 240 requests per minute.",
        "/api/charge makes 92 % of the failures (80 requests failed).",
        "`payments` fails, most failures at \"/api/charge\"; 'checkout' fails for 1.2 %.",
        "３６\u00a0％ of requests fail, 36\u202f% in the worst minute.",
        "Payments fails for 36 % of its requests.",
        "From a usual 0.2 to 36 % of requests fail.",
    ],
)
def test_what_the_evidence_holds_is_grounded(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "36.4 % of requests fail.",
        "36.26 percent of requests fail.",
        "about 200 requests",
        "1,240 requests",
        "Errors began at 13:39 UTC.",
        "Errors began at 13:37:25.",
        "p95 is 231 ms",
        "p95 is 0.24 s",
        "240 % of requests fail",
        "errors for 87 hours",
        "87 GB",
        "87 percentage points",
        "182 times the usual",
        "6 req/s",
        "36k requests",
        "HTTP 503",
        "36,25 % of requests fail",
        "version 1.2.3",
        ".36 of requests fail",
        "½ of requests fail",
        "10 to 36 % of requests fail",
        "node7 fails",
        "GET /api/charge/refund fails",
        "see http://example.org/",
        "look at `billing`",
        "look at ‘billing’",
    ],
)
def test_what_the_evidence_does_not_hold_is_a_problem(text: str) -> None:
    assert len(found(text)) >= 1


@pytest.mark.parametrize(
    "changes",
    [
        {"headline": "payments: 99 % fail"},
        {"impact": "99 requests failed"},
        {"hypothesis": "99 % come from one endpoint"},
        {"check_first": ("Logs of the last 99 minutes",)},
        {"most_affected": ("billing",)},
        {"most_affected": ("payments /api/unknown",)},
        {"most_affected": ("checkout /api/charge",)},
        {"most_affected": ("/api/charge",)},
    ],
)
def test_every_part_of_an_account_is_looked_at(changes: dict[str, str | tuple[str, ...]]) -> None:
    found = problems(replace(GOOD, **changes), facts_of([ERRORS]))  # type: ignore[arg-type]
    assert found
    assert all(problem.startswith(next(iter(changes))) for problem in found)


def test_names_with_digits_are_names() -> None:
    numbered = with_evidence(anomaly(service="payments-v2"), endpoints=(endpoint("/api/v3/pay", 9, 9),))
    assert found("payments-v2 fails; at /api/v3/pay, 9 of 9 requests failed.", numbered) == ()
    assert len(found("payments-v3 fails for /api/v2/pay.", numbered)) >= 2


def test_a_path_of_an_endpoint_may_stand_without_its_method() -> None:
    with_method = with_evidence(anomaly(), endpoints=(endpoint("POST /api/charge", 80, 80),))
    account = replace(BARE, summary="/api/charge fails", most_affected=("payments POST /api/charge",))
    assert problems(account, facts_of([with_method])) == ()


@pytest.mark.parametrize("hostile", ["99", "99 % of requests", "99.5", "9 % fail at 12:00"])
def test_a_name_that_reads_like_a_finding_grounds_nothing(hostile: str) -> None:
    wild = with_evidence(anomaly(service="99"), endpoints=(endpoint(hostile, 80, 80),))
    assert len(found(f"In payments {hostile} fail.", wild)) >= 1


def test_few_problems_are_reported_of_many() -> None:
    assert len(found(" ".join(f"{number} % fail." for number in range(50, 99)))) == 8


@settings(deadline=None)
@given(
    kind=st.sampled_from(AnomalyType),
    value=st.floats(0, 1e6),
    usual=st.none() | st.floats(0, 1e6),
    errors=st.integers(0, 1000),
    more=st.integers(0, 1000),
)
def test_the_template_is_grounded_whatever_the_numbers(
    kind: AnomalyType, value: float, usual: float | None, errors: int, more: int
) -> None:
    if kind is AnomalyType.ERROR_SURGE:
        value, usual = value / 1e6, None if usual is None else usual / 1e6
    endpoints = (endpoint("/a", errors + more, errors), endpoint("/b", 300, 3))
    one = with_evidence(anomaly(kind, metric_value=value, baseline_value=usual), endpoints=endpoints)
    assert problems(template.account([one]), facts_of([one])) == ()


@pytest.mark.parametrize(
    "piece", ["a ", "-", "1,", "1 ", "36 % and ", '"', "/a", "13:37 ", "of the ", "a.b-", " ", "(", "87 of "]
)
def test_a_text_made_to_be_hard_to_read_is_read_in_time(piece: str) -> None:
    started = time.monotonic()
    found((piece * 2_000)[:2_000])
    assert time.monotonic() - started < 10


def test_what_is_usual_is_unknown_only_where_it_is() -> None:
    known, unknown = anomaly(), anomaly(AnomalyType.LATENCY_SPIKE, service="checkout", baseline_value=None)
    assert found("What is usual for checkout is not known yet.", known, unknown) == ()
    assert len(found("What is usual for payments is not known yet.", known, unknown)) == 1
    assert len(found("The limit of checkout is not known yet.", known, unknown)) >= 1


def test_an_endpoint_keeps_its_method() -> None:
    posted = with_evidence(anomaly(), endpoints=(endpoint("POST /api/charge", 80, 80), endpoint("/api/refund", 160, 7)))
    assert found("POST /api/charge fails; so does /api/charge for 80 of 80 requests.", posted) == ()
    assert len(found("GET /api/charge fails for 80 of 80 requests.", posted)) == 1


def test_each_number_is_of_the_minute_that_is_named_with_it() -> None:
    assert found("1 of 238 requests failed at 13:36 UTC and 87 of 240 at 13:37 UTC.") == ()
    assert len(found("87 of 240 requests failed at 13:36 UTC and 1 of 238 at 13:37 UTC.")) == 4


def test_what_is_affected_is_told_in_the_spelling_of_the_evidence() -> None:
    facts = facts_of([ERRORS])
    assert as_in_evidence(("Payments", "PAYMENTS /api/charge", "payments"), facts) == (
        "payments",
        "payments /api/charge",
    )
    two = facts_of([anomaly(service="Pay"), anomaly(service="pay")])
    assert as_in_evidence(("pay", "PAY", "billing"), two) == ("pay", "PAY", "billing")
