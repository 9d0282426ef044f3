"""The template's account of every kind of anomaly, word for word."""

from datetime import timedelta

import pytest

from contracts.anomalies import Anomaly, AnomalyType, Severity
from narrator import template
from narrator.account import MAX_AFFECTED, MAX_LINE, MAX_PARAGRAPH, Account
from tests.fast.narrator.evidence import MINUTE, ONSET, anomaly, endpoint, other, window, with_evidence

ERRORS = Account(
    headline="payments: 36 % of requests fail (usually 0.2 %)",
    summary=(
        "Since 13:37 UTC, more requests to payments fail than usual: 36 % in the worst minute,"
        " 181 times the usual 0.2 %; the limit is 1 %."
    ),
    impact="In payments, 87 of 240 requests failed in the worst minute.",
    most_affected=("payments", "payments /api/charge", "payments /api/refund"),
    hypothesis="One endpoint, /api/charge, makes 92 % of the failures.",
    check_first=(
        "Log lines of failed requests to /api/charge of payments since 13:37 UTC: what do the errors say?",
        "Deployments and configuration changes of payments shortly before 13:37 UTC.",
        "What payments depends on: databases, other services, certificates, quotas.",
    ),
    confidence="medium",
)
LATENCY = Account(
    headline="payments: p95 latency is 1.2 s (usually 230 ms)",
    summary=(
        "Since 13:37 UTC, payments answers more slowly than usual: p95 latency was 1.2 s in the worst minute,"
        " 5.4 times the usual 230 ms; the limit is 1 s."
    ),
    impact="In payments, 5 % of 240 requests took 1.2 s or longer in the worst minute.",
    most_affected=("payments", "payments /api/charge", "payments /api/refund"),
    hypothesis="One endpoint, /api/charge, is slow (p95 1.9 s); no other is above the limit.",
    check_first=(
        "Traces of slow requests to /api/charge of payments since 13:37 UTC: where is the time spent?",
        "Load of payments: CPU, memory, threads, connection pools.",
        "Response times of what payments depends on: databases, other services.",
    ),
    confidence="medium",
)
DROP = Account(
    headline="payments: traffic fell to 0.5 req/s (usually 12 req/s)",
    summary=(
        "Since 13:37 UTC, payments receives fewer requests than usual: 0.5 req/s in the worst minute,"
        " 96 % below the usual 12 req/s; the limit is 6 req/s."
    ),
    impact="In payments, 30 requests arrived in the worst minute; about 720 are usual.",
    most_affected=("payments",),
    hypothesis=None,
    check_first=(
        "Whether payments can be reached: health checks, load balancer, DNS.",
        "Callers of payments: do they still send requests, and do they report errors?",
        "Changes of routing, deployments and schedules shortly before 13:37 UTC.",
    ),
    confidence="medium",
)
SURGE = Account(
    headline="payments: traffic rose to 60 req/s (usually 12 req/s)",
    summary=(
        "Since 13:37 UTC, payments receives more requests than usual: 60 req/s in the worst minute,"
        " 5 times the usual 12 req/s; the limit is 24 req/s."
    ),
    impact="In payments, 3,600 requests arrived in the worst minute; about 720 are usual.",
    most_affected=("payments",),
    hypothesis=None,
    check_first=(
        "Who sends the requests to payments: one caller, retries, a load test?",
        "Errors and latency of payments under this load.",
        "Rate limits and free capacity of payments.",
    ),
    confidence="medium",
)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (AnomalyType.ERROR_SURGE, ERRORS),
        (AnomalyType.LATENCY_SPIKE, LATENCY),
        (AnomalyType.TRAFFIC_DROP, DROP),
        (AnomalyType.TRAFFIC_SURGE, SURGE),
    ],
)
def test_each_kind_reads_well(kind: AnomalyType, expected: Account) -> None:
    assert template.account([anomaly(kind)]) == expected


def test_silence_is_said_as_such() -> None:
    silent = with_evidence(anomaly(AnomalyType.TRAFFIC_DROP, metric_value=0.0), sample_size=0)
    told = template.account([silent])
    assert told.headline == "payments: no requests arrive (usually 12 req/s)"
    assert "0 req/s in the worst minute, where 12 req/s is usual" in told.summary
    assert told.impact == "In payments, no requests arrived in the worst minute; about 720 are usual."


def test_a_missing_baseline_is_named() -> None:
    told = template.account([anomaly(baseline_value=None)])
    assert told.headline == "payments: 36 % of requests fail (limit 1 %)"
    assert "36 % in the worst minute, and what is usual is not known yet; the limit is 1 %." in told.summary
    assert told.confidence == "low"


def test_a_baseline_of_zero_gives_no_multiple() -> None:
    assert "36 % in the worst minute, where 0 % is usual; the limit" in (
        template.account([anomaly(baseline_value=0.0)]).summary
    )


def test_an_anomaly_of_one_endpoint_names_it() -> None:
    told = template.account([anomaly(endpoint="/api/charge")])
    assert told.headline.startswith("payments /api/charge: 36 % of requests fail")
    assert told.most_affected == ("payments", "payments /api/charge")
    assert told.hypothesis is None


def test_the_most_severe_service_comes_first_and_others_are_named() -> None:
    mild = anomaly(
        AnomalyType.LATENCY_SPIKE, service="checkout", severity=Severity.WARNING, window_start=ONSET - MINUTE
    )
    told = template.account([mild, anomaly()])
    assert told.headline == "payments: 36 % of requests fail (usually 0.2 %); checkout also affected"
    assert told.summary.startswith("Since 13:37 UTC, more requests to payments")
    assert "Since 13:36 UTC, checkout answers more slowly" in told.summary
    assert told.most_affected[:3] == ("payments", "checkout", "payments /api/charge")
    assert len(told.check_first) == 4
    assert told.check_first[3].startswith("Traces of slow requests to /api/charge of checkout")


def test_many_members_are_counted_not_listed() -> None:
    told = template.account([anomaly(service=f"service-{number:02}") for number in range(40)])
    assert told.headline.endswith("; 39 other services also affected")
    assert told.summary.endswith("36 more anomalies belong to this incident.")
    assert len(told.most_affected) == MAX_AFFECTED


@pytest.mark.parametrize(
    ("minutes", "requests", "confidence"), [(1, 49, "low"), (1, 200, "medium"), (2, 200, "medium"), (3, 200, "high")]
)
def test_confidence_grows_with_requests_and_minutes(minutes: int, requests: int, confidence: str) -> None:
    one = with_evidence(anomaly(window_end=ONSET + minutes * MINUTE), sample_size=requests)
    assert template.confidence(one) == confidence


def test_confidence_in_a_drop_rests_on_the_requests_that_are_missing() -> None:
    lasting = anomaly(AnomalyType.TRAFFIC_DROP, window_end=ONSET + timedelta(minutes=3))
    assert template.confidence(lasting) == "high"


BUSY = (endpoint("/a", 200, 80), endpoint("/b", 10, 4))
SPREAD = (endpoint("/a", 100, 40), endpoint("/b", 100, 40))
ALONE = (endpoint("/a", 240, 87),)


@pytest.mark.parametrize("endpoints", [BUSY, SPREAD, ALONE, ()])
def test_no_endpoint_is_blamed_when_it_fails_no_more_than_its_traffic(endpoints: tuple[object, ...]) -> None:
    assert template.account([with_evidence(anomaly(), endpoints=endpoints)]).hypothesis is None


def test_other_services_that_deviate_are_pointed_at() -> None:
    services = (other("checkout", error_ratio=0.2), other("search"), other("tiny", requests=3, error_ratio=1.0))
    told = template.account([with_evidence(anomaly(), endpoints=(), services=services)])
    assert told.hypothesis == (
        "checkout deviates at the same time, which points to something that these services share."
    )


def test_failures_under_a_surge_point_to_overload() -> None:
    surge = anomaly(AnomalyType.TRAFFIC_SURGE, severity=Severity.WARNING)
    told = template.account([surge, with_evidence(anomaly(), endpoints=())])
    assert told.hypothesis == "Traffic to payments rose at the same time, which points to overload."


def test_failures_are_derived_when_the_worst_window_left_the_evidence() -> None:
    later = with_evidence(anomaly(), windows=(window(9, 200, 3, 0.2, 0.015),))
    assert template.account([later]).impact == "In payments, 87 of 240 requests failed in the worst minute."


def test_hostile_names_stay_within_the_limits() -> None:
    wild: Anomaly = anomaly(service="s" * 500 + "\n\x07", endpoint="💥\u202e" * 400)
    told = template.account([wild.model_copy(update={"anomaly_id": str(number)}) for number in range(20)])
    lines = (told.headline, *told.most_affected, *told.check_first)
    assert all(len(line) <= MAX_LINE and line.isprintable() for line in lines)
    assert all(len(text) <= MAX_PARAGRAPH and text.isprintable() for text in (told.summary, told.impact))


def test_nothing_is_not_told() -> None:
    with pytest.raises(ValueError, match="at least one"):
        template.account([])
