"""Two hundred generated incidents: nothing is published that the evidence does not hold."""

import re
from dataclasses import astuple, replace

import pytest

from contracts.anomalies import Anomaly
from narrator import template
from narrator.account import Account
from narrator.facts import facts_of
from narrator.grounding import problems
from tests.fast.narrator.generated import ENDPOINTS, SERVICES, incident, statements

INCIDENTS = 200
_BATCH = 20


def texts(account: Account) -> str:
    return "\n".join(str(part) for part in astuple(account))


def numbers_of(anomalies: tuple[Anomaly, ...]) -> set[float]:
    """Every number in the records, and what one step of arithmetic makes of it; without the code under test."""
    records = [one.model_dump(mode="json") for one in anomalies]
    plain = [float(found) for found in re.findall(r"(?<![\w:-])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w:-])", str(records))]
    rates = [requests / 60 for requests in plain]
    quotients = [a.metric_value / a.baseline_value for a in anomalies if a.baseline_value]
    shares = [
        e.errors / w.errors for a in anomalies for e in a.evidence.endpoints for w in a.evidence.windows if w.errors
    ]
    counts = [float(number) for number in range(len(SERVICES))]
    return {*plain, *rates, *quotients, *(1 - q for q in quotients), *shares, *counts, 0.05, 1.0}


def is_held(shown: str, known: set[float]) -> bool:
    value = float(shown.replace(",", ""))
    scales = (1, 100, 1000, 60)
    return any(abs(one * scale - value) <= 0.051 * abs(value) + 0.001 for one in known for scale in scales)


@pytest.mark.parametrize("first", range(0, INCIDENTS, _BATCH))
def test_the_template_states_no_number_and_no_name_without_evidence(first: int) -> None:
    for seed in range(first, first + _BATCH):
        anomalies = incident(seed)
        account = template.account(anomalies)
        assert problems(account, facts_of(anomalies)) == (), (seed, account)
        text = re.sub(
            "|".join(map(re.escape, sorted((*SERVICES, *ENDPOINTS), key=len, reverse=True))), "", texts(account)
        )
        text = re.sub(r"\bp95\b|\b\d\d:\d\d\b", "", text)
        known = numbers_of(anomalies)
        assert all(is_held(found, known) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)), (seed, text)


@pytest.mark.parametrize("first", range(0, INCIDENTS, _BATCH))
def test_true_statements_are_accepted_and_changed_ones_are_not(first: int) -> None:
    for seed in range(first, first + _BATCH):
        anomalies = incident(seed)
        facts, good = facts_of(anomalies), template.account(anomalies)
        for told in statements(anomalies, seed):
            found = problems(replace(good, summary=f"{told.sentence}."), facts)
            assert (found == ()) is told.is_true, (seed, told, found)
