"""How much of each service's error budget is left over the last seven days."""

from datetime import timedelta

import pytest

from exporters.store.budget_figures import BudgetFigure, Objectives
from exporters.store.figures import read_figures
from exporters.store.pool import CursorPool
from exporters.store.service_labels import MAX_SERVICES, OTHER
from exporters.store.sink import Sink
from tests.fast.exporters.traffic import START, messages, update

WEEK_MINUTES = 7 * 24 * 60


def counts(requests: int, errors: int) -> list[tuple[int, int, int, float, float]]:
    return [(-96, requests, errors, 0.125 * requests, 0.125)]


NINETY_NINE = Objectives(0.99)


def budgets(pool: CursorPool, objectives: Objectives = NINETY_NINE) -> tuple[BudgetFigure, ...]:
    return read_figures(pool, START + timedelta(minutes=2), objectives).budgets


def test_what_failed_is_taken_from_what_may_fail(sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(counts(900, 5), 0), update(counts(100, 0), 1, endpoint="/b")]))
    (budget,) = budgets(pool)
    assert (budget.service, budget.objective) == ("checkout", 0.99)
    assert budget.remaining == pytest.approx(0.5)


def test_a_missed_objective_is_negative(sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(counts(100, 3))]))
    assert budgets(pool)[0].remaining == pytest.approx(-2)


def test_a_service_may_promise_something_else(sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(counts(100, 1), service=service) for service in ("checkout", "search")]))
    found = budgets(pool, Objectives(0.99, {"search": 0.9}))
    assert [(budget.service, budget.objective) for budget in found] == [("checkout", 0.99), ("search", 0.9)]
    assert [budget.remaining for budget in found] == pytest.approx([0, 0.9])


def test_only_seven_days_of_stream_time_count(sink: Sink, pool: CursorPool) -> None:
    old, oldest_that_counts = -WEEK_MINUTES - 60, -WEEK_MINUTES
    updates = [update(counts(100, 100), old), update(counts(100, 1), oldest_that_counts), update(counts(100, 0), 0)]
    sink.apply("A", messages(updates))
    assert budgets(pool)[0].remaining == pytest.approx(0.5)


def test_without_stream_time_or_requests_only_the_objective_is_known(sink: Sink, pool: CursorPool) -> None:
    assert budgets(pool) == ()
    sink.apply("A", messages([update(minute=-2 * WEEK_MINUTES)]))
    unknown = (BudgetFigure("checkout", 0.99, None),)
    assert budgets(pool) == read_figures(pool, None, NINETY_NINE).budgets == unknown


def test_services_without_a_name_of_their_own_add_up_under_the_default(sink: Sink, pool: CursorPool) -> None:
    updates = [update(counts(100, 1), service=f"first{number:03}") for number in range(MAX_SERVICES + 2)]
    sink.apply("A", messages(updates))
    found = {budget.service: budget for budget in budgets(pool, Objectives(0.99, {"first201": 0.5}))}
    assert len(found) == MAX_SERVICES + 1
    assert found[OTHER].objective == 0.99
    assert found[OTHER].remaining == pytest.approx(0)
