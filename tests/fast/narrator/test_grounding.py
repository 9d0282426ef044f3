"""Which statements the evidence holds, by the stated rules of rounding and of names."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.anomalies import Anomaly, AnomalyType
from narrator import template
from narrator.account import Account
from narrator.answer import parse
from narrator.facts import Facts, facts_of
from narrator.grounding import problems
from tests.fast.narrator.evidence import ONSET, anomaly, endpoint, other, with_evidence
from tests.fast.narrator.ollama_twin import answer

ERRORS = with_evidence(anomaly(), services=(other("checkout", error_ratio=0.0123),))
GOOD = parse(answer())
BARE = Account("", "", "", (), None, (), "low")


def found(text: str, *anomalies: Anomaly) -> tuple[str, ...]:
    return problems(replace(BARE, summary=text), facts_of(anomalies or (ERRORS,)))


@pytest.mark.parametrize(
    "text",
    [
        "36 % of requests fail; 36.3%, 36.25 percent.",
        "Usually 0.2 % of requests fail, the limit is 1 %.",
        "The ratio is 0.36, or 0.3625.",
        "87 of 240 requests failed at 13:37 UTC, on 2026-01-01T13:37:00Z.",
        "That is 181 times the usual, since 13:37-13:38.",
        "p95 latency was 230 ms, or 0.23 s, or between 210 and 230 ms.",
        "It lasted 1 minute; 60 seconds. The 95th percentile and 5xx are words.",
        "4 req/s arrived, from 3.97 to 4 requests per second.",
        "/api/charge makes 92 % of the failures (80 requests).",
        "Look at `payments` and \"/api/charge\", then at 'checkout' with 1.2 %.",
        "It's payments' fault; input/output and/or timeouts. A \"slow start\" is possible.",
        "３６\u00a0％ of requests fail, 36\u202f% in other words.",
    ],
)
def test_what_the_evidence_holds_is_grounded(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "37 % of requests fail.",
        "36.4 % of requests fail.",
        "36.26 percent.",
        "64 % of requests succeed.",
        "88 of 240 requests failed.",
        "about 200 requests",
        "1,240 requests",
        "It began at 13:39 UTC.",
        "It began on 2026-01-02.",
        "It began at 13:37:25.",
        "231 ms",
        "0.24 s",
        "36 ms",
        "240 %",
        "in 87 hours, 87 GB, 87 percentage points",
        "182 times the usual",
        "6 req/s",
        "36k requests",
        "the p99 is high",
        "HTTP 503",
        "36,25 %",
        "version 1.2.3",
        ".36",
        "1e3",
        "½ of them",
        "10 to 36 %",
        "node7 is down",
        "/api/unknown fails",
        "GET /api/charge/refund fails",
        "see http://example.org/",
        "look at `billing`",
        'look at "billing-service"',
        "look at ‘billing’",
        "look at 'billing'",
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
    (problem,) = problems(replace(GOOD, **changes), facts_of([ERRORS]))  # type: ignore[arg-type]
    assert problem.startswith(next(iter(changes)))


def test_names_with_digits_are_names() -> None:
    numbered = with_evidence(anomaly(service="payments-v2"), endpoints=(endpoint("/api/v3/pay", 9, 9),))
    assert found("payments-v2 fails for /api/v3/pay.", numbered) == ()
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


def everything(*anomalies: Anomaly) -> Facts:
    return facts_of(anomalies)


@pytest.mark.parametrize("kind", AnomalyType)
def test_the_template_says_nothing_that_would_not_be_accepted(kind: AnomalyType) -> None:
    told = anomaly(kind), anomaly(AnomalyType.ERROR_SURGE, service="checkout")
    assert problems(template.account(told), facts_of(told)) == ()


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
    ungrounded = problems(template.account([one]), facts_of([one]))
    assert all("0.001" in problem for problem in ungrounded), ungrounded


def test_moments_of_the_evidence_are_known_to_the_minute() -> None:
    assert {"13:36", "13:37", "13:38"} == set(everything(ERRORS).clocks)
    assert everything(ERRORS).dates == {f"{ONSET:%Y-%m-%d}"}
