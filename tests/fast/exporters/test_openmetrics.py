"""The past as OpenMetrics: what scrapes would have seen, up to what the first real one sees."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as exposed_families

from contracts.times import to_epoch_ms
from exporters.snapshot import Snapshot
from exporters.store import past_counters, past_windows
from exporters.store.figures import read_figures
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import HOSTILE, anomaly, apply
from tests.fast.exporters.traffic import MINUTE, START, batch_end, messages, update

Key = tuple[str, frozenset[tuple[str, str]]]
Curves = dict[Key, dict[float, float]]

HISTOGRAM = "service_request_latency_seconds"
MINUTES = 10
SEEN_AFTER = 10
CART = {"service": "checkout", "endpoint": "/api/cart"}
PATH = f"/api/v1/openmetrics?from={to_epoch_ms(START)}"


def text(web: Web, path: str = PATH) -> str:
    answer = web.client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def curves(web: Web, path: str = PATH) -> Curves:
    found: Curves = {}
    for document in documents(text(web, path)):
        for family in text_string_to_metric_families(document):  # type: ignore[no-untyped-call]
            for sample in family.samples:
                key = sample.name, frozenset(sample.labels.items())
                found.setdefault(key, {})[float(sample.timestamp)] = sample.value
    return found


def documents(whole: str) -> Iterator[str]:
    """Yield the histogram moment by moment: of several in one text, the parser takes all but the first as repeats."""
    lines = whole.splitlines(keepends=True)
    yield "".join(line for line in lines if HISTOGRAM not in line)
    histogram = [line for line in lines if HISTOGRAM in line]
    described = [line for line in histogram if line.startswith("#")]
    samples = [line for line in histogram if not line.startswith("#")]
    for _, moment in groupby(samples, key=lambda line: line.rpartition(" ")[2]):
        yield "".join([*described, *moment, "# EOF\n"])


def of(name: str, **labels: str) -> Key:
    return name, frozenset(labels.items())


def second(minutes: float) -> float:
    """Return when a scrape sees what is stored as of so many minutes after START."""
    return (START + minutes * MINUTE).timestamp() + SEEN_AFTER


def fill(sink: Sink, minutes: int = MINUTES) -> None:
    """Store minutes of 60, 61, 62 ... requests with as many errors as their number."""
    updates = [
        update([(-96, 50 + minute, minute, 1.5, 0.125), (10, 10, 0, 12.5, 1.25)], minute=minute)
        for minute in range(minutes)
    ]
    sink.apply("A", messages([*updates, batch_end()]))


def present(web: Web, pool: CursorPool, minutes: float = MINUTES, seconds: float = 15) -> None:
    """Let stream time be so late, and the clock five seconds later."""
    stream_time = START + minutes * MINUTE + timedelta(seconds=seconds)
    web.now = stream_time + timedelta(seconds=5)
    web.snapshot = Snapshot(web.now, web.now, web.now, stream_time, {}, read_figures(pool, stream_time))


@pytest.fixture
def filled(web: Web, sink: Sink, pool: CursorPool) -> Web:
    fill(sink)
    present(web, pool)
    return web


def test_counters_are_those_of_the_store_at_the_end_of_each_minute(filled: Web) -> None:
    requests = curves(filled)[of("service_requests_total", **CART)]
    errors = curves(filled)[of("service_errors_total", **CART)]
    for minutes in range(MINUTES + 1):
        assert requests[second(minutes)] == sum(60 + minute for minute in range(minutes))
        assert errors[second(minutes)] == sum(range(minutes))


def test_between_minutes_requests_are_spread_evenly_and_stay_whole(filled: Web) -> None:
    requests = curves(filled)[of("service_requests_total", **CART)]
    assert [requests[second(1 + part)] for part in (0, 0.25, 0.5, 0.75, 1)] == [60, 75, 90, 105, 121]


def test_every_sample_is_fifteen_seconds_after_the_one_before(filled: Web) -> None:
    for key, samples in curves(filled).items():
        assert {after - before for before, after in pairwise(samples)} == {15}, key


def test_counters_never_go_down_and_end_at_what_metrics_shows(filled: Web) -> None:
    exposed = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in exposed_families(filled.client.get("/metrics").get_data(as_text=True))
        for sample in family.samples
    }
    counters = {key: list(samples.values()) for key, samples in curves(filled).items()
                if key[0].endswith(("_total", "_bucket", "_count", "_sum"))}  # fmt: skip
    assert len(counters) == 2 + 34 + 2
    for key, values in counters.items():
        assert values == sorted(values)
        assert values[-1] == exposed[key]


def test_the_histogram_is_consistent_at_every_moment(filled: Web) -> None:
    found = curves(filled)
    requests = found[of("service_requests_total", **CART)]
    assert found[of(f"{HISTOGRAM}_count", **CART)] == found[of(f"{HISTOGRAM}_bucket", **CART, le="+Inf")] == requests
    assert found[of(f"{HISTOGRAM}_bucket", **CART, le="1.0")][second(2)] == 50 + 51
    assert found[of(f"{HISTOGRAM}_sum", **CART)][second(2)] == 2 * (1.5 + 12.5)


def test_windows_are_shown_when_they_are_closed(filled: Web) -> None:
    found = curves(filled)
    rate = found[of("service_window_request_rate", service="checkout")]
    ratio = found[of("service_window_error_ratio", service="checkout")]
    assert min(rate) == second(1.25)
    assert (rate[second(3)], rate[second(3.25)]) == (61 / 60, 62 / 60)
    assert ratio[second(3.25)] == 2 / 62
    latency = found[of("service_window_latency_seconds", service="checkout", quantile="0.95")]
    assert latency[second(3.25)] == pytest.approx(1.23, rel=0.02)


def test_the_newest_window_is_what_metrics_shows(web: Web, sink: Sink, pool: CursorPool) -> None:
    fill(sink)
    present(web, pool, seconds=40)
    (window,) = web.snapshot.figures.windows
    rate = curves(web)[of("service_window_request_rate", service="checkout")]
    assert rate[max(rate)] == window.requests_per_second


def test_the_budget_ends_at_what_metrics_shows(filled: Web, pool: CursorPool) -> None:
    (budget,) = read_figures(pool, filled.snapshot.stream_time).budgets
    found = curves(filled)
    left = found[of("slo_error_budget_remaining_ratio", service="checkout")]
    assert left[max(left)] == pytest.approx(budget.remaining)
    assert left[second(2)] == pytest.approx(1 - 1 / 121 / 0.005)
    assert set(found[of("slo_objective_ratio", service="checkout")].values()) == {0.995}


def test_requests_of_before_are_in_the_counters_and_in_the_budget(filled: Web) -> None:
    found = curves(filled, f"/api/v1/openmetrics?from={to_epoch_ms(START + 6 * MINUTE)}")
    requests = found[of("service_requests_total", **CART)]
    assert (min(requests), requests[second(6)]) == (second(6), sum(60 + minute for minute in range(6)))
    budget = found[of("slo_error_budget_remaining_ratio", service="checkout")]
    assert budget[second(6)] == pytest.approx(1 - 15 / requests[second(6)] / 0.005)


def test_it_begins_with_the_minute_after_what_is_known(filled: Web) -> None:
    known = START + 6 * MINUTE + timedelta(seconds=1)
    found = curves(filled, f"/api/v1/openmetrics?from={to_epoch_ms(known)}")
    assert min(found[of("service_requests_total", **CART)]) == second(7)


def test_nothing_is_told_of_the_time_in_which_prometheus_scrapes(filled: Web, pool: CursorPool) -> None:
    first = filled.client.get(PATH)
    fill_later = timedelta(minutes=5)
    filled.now += fill_later
    again = filled.client.get(PATH)
    assert first.headers["Samples-Until-Ms"] == again.headers["Samples-Until-Ms"]
    assert max(max(samples) for samples in curves(filled).values()) <= int(first.headers["Samples-Until-Ms"]) / 1000


def test_what_is_counted_later_raises_no_sample_above_what_was_shown(web: Web, sink: Sink, pool: CursorPool) -> None:
    fill(sink)
    present(web, pool)
    shown = sum(60 + minute for minute in range(MINUTES))
    assert curves(web)[of("service_requests_total", **CART)][second(MINUTES)] == shown
    late = update([(-96, 5000, 9, 9.0, 0.125)], minute=MINUTES - 1, batch_id=1)
    sink.apply("A", messages([late], first_offset=50))
    present(web, pool, MINUTES + 1)
    values = list(curves(web)[of("service_requests_total", **CART)].values())
    assert values == sorted(values)
    assert max(values) == shown


def test_a_series_that_is_new_begins_with_zero(web: Web, sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(minute=4), update(minute=0, endpoint="/old"), batch_end()]))
    present(web, pool)
    samples = curves(web)[of("service_requests_total", **CART)]
    assert (min(samples), samples[second(4)], samples[second(5)]) == (second(4), 0, 10)


def test_a_window_without_requests_is_absent(web: Web, sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(minute=minute) for minute in (0, 1, 4)]))
    present(web, pool)
    rate = curves(web)[of("service_window_request_rate", service="checkout")]
    assert [minute for minute in range(2, 7) if second(minute) in rate] == [2, 3, 6]


def test_anomalies_are_open_from_their_first_bad_window_to_their_last(web: Web, sink: Sink, pool: CursorPool) -> None:
    apply(sink, anomaly(start=2, end=4), anomaly("b", start=5, severity="warning"))
    fill(sink)
    present(web, pool)
    found = curves(web)
    over = found[of("anomalies_active", service="payments", type="error_surge", severity="critical")]
    going_on = found[of("anomalies_active", service="payments", type="error_surge", severity="warning")]
    assert (min(over), over[second(3.75)], over[second(4)], max(over)) == (second(2), 1, 0, second(4))
    assert (min(going_on), set(going_on.values())) == (second(5), {1})


def test_names_appear_as_they_are_whatever_they_hold(web: Web, sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(endpoint=HOSTILE.replace("\n", " ").replace("\u202e", "") + '\\"}')]))
    present(web, pool)
    found = curves(web, f"{PATH}&job=exporters&instance=a%22b%0A")
    labels = [dict(labels) for name, labels in found if name == "service_requests_total"]
    assert [each["endpoint"][-3:] for each in labels] == ['\\"}']
    assert {(dict(labels)["job"], dict(labels)["instance"]) for _, labels in found} == {("exporters", 'a"b\n')}


def test_series_beyond_the_limits_add_up(
    web: Web, sink: Sink, pool: CursorPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporters.store.figures.MAX_SERIES", 3)
    monkeypatch.setattr(past_counters, "SERIES_AT_ONCE", 2)
    sink.apply("A", messages([update(minute=minute, endpoint=f"/{minute}") for minute in range(6)]))
    present(web, pool)
    found = {dict(labels)["endpoint"]: max(samples.values()) for (name, labels), samples in curves(web).items()
             if name == "service_requests_total"}  # fmt: skip
    assert found == {"/0": 10, "/1": 10, "/2": 10, "__other__": 30}


def test_many_services_are_told_in_parts(
    web: Web, sink: Sink, pool: CursorPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_windows, "SERVICES_AT_ONCE", 2)
    sink.apply("A", messages([update(service=f"s{number}") for number in range(5)]))
    present(web, pool)
    names = {dict(labels)["service"] for name, labels in curves(web) if name == "service_window_request_rate"}
    assert names == {f"s{number}" for number in range(5)}


def test_two_clusters_add_up(web: Web, sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update()]))
    sink.apply("B", messages([update()]))
    present(web, pool)
    assert curves(web)[of("service_requests_total", **CART)][second(1)] == 20


def test_a_store_without_events_has_no_past(web: Web) -> None:
    assert web.client.get(PATH).status_code == 503
    web.now += timedelta(minutes=6)
    assert text(web) == "# EOF\n"


def test_nothing_is_told_of_before_the_first_window(filled: Web) -> None:
    early = curves(filled, f"/api/v1/openmetrics?from={to_epoch_ms(START - 60 * MINUTE)}")
    assert {min(samples) for (name, _), samples in early.items() if name == "slo_objective_ratio"} == {second(0)}
    assert early == curves(filled)


def test_more_than_a_day_is_refused(filled: Web) -> None:
    answer = filled.client.get("/api/v1/openmetrics?from=0")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_parameter")


def test_promtool_makes_blocks_of_it(filled: Web, tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: it comes with Debian's package prometheus")
    (tmp_path / "past.om").write_text(text(filled, f"{PATH}&job=exporters&instance=here"), encoding="utf-8")
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(tmp_path / "past.om"), str(tmp_path / "data")]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    # It expects what a database has that was written by Prometheus.
    (tmp_path / "data" / "wal").mkdir()
    dumped = subprocess.run(
        [promtool, "tsdb", "dump", str(tmp_path / "data")], capture_output=True, text=True, check=True
    )
    assert len(dumped.stdout.splitlines()) == sum(len(samples) for samples in curves(filled).values())
