"""Two hundred generated incidents: nothing is published that the evidence does not hold."""

from dataclasses import replace

import pytest

from narrator import template
from narrator.facts import facts_of
from narrator.grounding import problems
from tests.fast.narrator.generated import incident, statements
from tests.fast.narrator.oracle import ungrounded_numbers, unknown_services

INCIDENTS = 200
_BATCH = 20


@pytest.mark.parametrize("first", range(0, INCIDENTS, _BATCH))
def test_the_template_states_no_number_and_no_name_without_evidence(first: int) -> None:
    for seed in range(first, first + _BATCH):
        anomalies = incident(seed)
        account = template.account(anomalies)
        assert problems(account, facts_of(anomalies)) == (), (seed, account)
        assert ungrounded_numbers(account, anomalies) == [], (seed, account)
        assert unknown_services(account, anomalies) == set()


@pytest.mark.parametrize("first", range(0, INCIDENTS, _BATCH))
def test_true_statements_are_accepted_and_changed_ones_are_not(first: int) -> None:
    for seed in range(first, first + _BATCH):
        anomalies = incident(seed)
        facts, good = facts_of(anomalies), template.account(anomalies)
        for told in statements(anomalies, seed):
            found = problems(replace(good, summary=f"{told.sentence}."), facts)
            assert (found == ()) is told.is_true, (seed, told, found)
