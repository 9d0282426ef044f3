"""A text that states nothing false may still state nothing: it does not take the template's place."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.anomalies import AnomalyType
from narrator import substance, template
from narrator.answer import parse
from narrator.facts import facts_of
from narrator.model import Failure
from narrator.prompt import compose
from narrator.question import Question, Result, put
from tests.fast.narrator.evidence import anomaly
from tests.fast.narrator.generated import incident
from tests.fast.narrator.ollama_twin import answer
from tests.fast.narrator.scenarios import SCENARIOS, Scenario


class Saying:
    """A model with one answer."""

    name = "saying"

    def __init__(self, text: str) -> None:
        self._text = text

    def warm_up(self) -> None:
        """Nothing to load."""

    def ask(self, system: str, user: str) -> str:
        """Return the answer."""
        return self._text

    def abandon(self) -> None:
        """Nothing to end."""


def result(**changes: Any) -> Result:  # noqa: ANN401 - fields of an answer
    prompt = compose([anomaly()])
    return put(Question("incident", frozenset(), prompt), Saying(answer(**changes)), lambda: 0.0)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"headline": "The evidence:"}, "headline: it says nothing"),
        ({"summary": ", "}, "summary: it says nothing"),
        ({"impact": "critical"}, "impact: it says nothing"),
        (
            {"headline": "A critical error surge", "summary": "Requests fail since 13:37 UTC."},
            "headline: it does not name",
        ),
        (
            {"headline": "payments is affected", "summary": "payments is strongly affected."},
            "summary: it does not say how payments",
        ),
    ],
)
def test_an_account_that_says_nothing_is_refused_and_the_fault_is_named(changes: dict[str, str], problem: str) -> None:
    refused = result(**changes)
    assert refused.failure is Failure.INVALID_ANSWER
    assert refused.problems[0].startswith(problem)


def test_an_account_that_says_something_false_is_refused_for_that() -> None:
    assert result(headline="36 % of it", summary="billing fails").failure is Failure.UNGROUNDED


def test_a_good_account_is_published() -> None:
    assert result().failure is None


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_the_good_answers_and_the_template_say_something(scenario: Scenario) -> None:
    facts = facts_of(scenario.anomalies)
    assert not list(substance.problems(parse(answer(**scenario.good)), facts))
    assert not list(substance.problems(template.account(scenario.anomalies), facts))


@pytest.mark.parametrize("seed", range(50))
def test_the_template_says_something_about_any_incident(seed: int) -> None:
    anomalies = incident(seed)
    assert not list(substance.problems(template.account(anomalies), facts_of(anomalies)))


@pytest.mark.parametrize("kind", AnomalyType)
def test_each_kind_of_deviation_has_its_words(kind: AnomalyType) -> None:
    facts = facts_of([anomaly(kind)])
    silent = replace(
        template.account([anomaly(kind)]), headline="payments deviates a lot", summary="It is critical now"
    )
    assert list(substance.problems(silent, facts)) == [f"summary: it does not say how payments deviates ({kind.value})"]
