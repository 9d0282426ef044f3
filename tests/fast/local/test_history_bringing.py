"""The past is brought into a real Prometheus: all of it, what rules make of it, and only what is missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.history.bringing import bring_history
from local.history.prometheus_api import HistoryError, PrometheusApi
from tests.fast.local.history_twin import MINUTES, STEP, ExportersTwin, scraping, serving

SAMPLES = MINUTES * 60 // STEP + 1


@pytest.fixture
def exporters() -> Iterator[ExportersTwin]:
    with serving(ExportersTwin()) as twin:
        yield twin


@pytest.fixture
def prometheus(exporters: ExportersTwin, tmp_path: Path) -> Iterator[PrometheusApi]:
    with scraping(exporters, tmp_path) as api:
        yield api


def curve(api: PrometheusApi, twin: ExportersTwin, expression: str) -> list[float]:
    """Return the values of the one series of an expression."""
    first, last = twin.seconds[0], twin.seconds[-1]
    ((_, samples),) = api.curves(expression, 1000 * first, 1000 * last, 1000 * STEP)
    return [value for _, value in samples]


def test_the_past_and_what_rules_make_of_it_are_there(exporters: ExportersTwin, prometheus: PrometheusApi) -> None:
    brought = bring_history(prometheus, None, 10)
    own = f'service="a",job="exporters",instance="{exporters.url}"'
    assert curve(prometheus, exporters, f"service_window_request_rate{{{own}}}") == SAMPLES * [2.5]
    assert curve(prometheus, exporters, f"slo_error_budget_remaining_ratio{{{own}}}") == SAMPLES * [0.5]
    assert curve(prometheus, exporters, 'service:rate:max{service="a"}') == SAMPLES * [2.5]
    assert curve(prometheus, exporters, 'service:rate_doubled:max{service="a"}') == SAMPLES * [5.0]
    assert prometheus.value("pipeline:nothing:sum", exporters.until) is None
    assert (brought.from_ms, brought.to_ms) == (1000 * exporters.seconds[0], 1000 * exporters.seconds[-1])


def test_a_series_that_ended_is_gone_at_once(exporters: ExportersTwin, prometheus: PrometheusApi) -> None:
    bring_history(prometheus, None, 10)
    for name in ("service_window_request_rate", "service:rate:max"):
        gone = f'{name}{{service="gone"}}'
        assert prometheus.value(gone, exporters.until - 300 - STEP) == 1.5
        assert prometheus.value(gone, exporters.until - 300 + STEP) is None


def test_what_is_there_is_not_brought_again(exporters: ExportersTwin, prometheus: PrometheusApi) -> None:
    first = bring_history(prometheus, None, 10)
    assert bring_history(prometheus, None, 10).samples == 0
    assert int(exporters.asked[-1]["from"]) == first.to_ms
    exporters.until += 2 * STEP
    again = bring_history(prometheus, None, 10)
    assert (again.from_ms, again.to_ms) == (first.to_ms + 1000 * STEP, 1000 * exporters.until)


def test_what_was_broken_off_is_brought_again(exporters: ExportersTwin, prometheus: PrometheusApi) -> None:
    exporters.broken = True
    with pytest.raises(HistoryError, match="broke off"):
        bring_history(prometheus, None, 10)
    assert prometheus.value("slo_error_budget_remaining_ratio", exporters.until) is None
    exporters.broken = False
    bring_history(prometheus, None, 10)
    assert curve(prometheus, exporters, 'service_window_request_rate{service="a"}') == SAMPLES * [2.5]
    assert curve(prometheus, exporters, "slo_error_budget_remaining_ratio") == SAMPLES * [0.5]


def test_it_waits_until_the_store_is_that_of_the_present(exporters: ExportersTwin, prometheus: PrometheusApi) -> None:
    exporters.catching_up = 2
    waited: list[None] = []
    assert bring_history(prometheus, None, 10, lambda: waited.append(None)).samples > 0
    assert len(waited) == 2
    exporters.catching_up = 2
    with pytest.raises(HistoryError, match="catching_up"):
        bring_history(prometheus, None, -1)


def test_a_prometheus_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="Prometheus does not answer"):
        bring_history(PrometheusApi("http://127.0.0.1:1"), None, 1)
