"""What /metrics shows of the detector, and what it leaves out."""

from datetime import datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from contracts.metrics import BY_NAME
from detector.engine import Engine
from detector.health import MOST_SERVICES_NAMED, DetectorCollector, DetectorState, Figures, ServiceLimits, figures_of
from detector.instruments import Instruments
from detector.settings import DetectorSettings
from runtime.memory import MemoryCluster
from tests.fast.detector.counting import CALM, DELAY, FAILING, MINUTE, SLOW, START, Minutes, counts
from tests.fast.detector.detectors import Detector
from tests.fast.detector.streamed import Streaming
from tests.fast.detector.traffic import faulty_traffic

SETTINGS = DetectorSettings(sla_latency_ms_by_service={"search": 100})


def samples(state: DetectorState) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(DetectorCollector(state))
    lines = generate_latest(registry).decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_what_is_not_known_is_absent() -> None:
    assert samples(DetectorState()) == {}


def test_everything_that_is_known_is_shown() -> None:
    limits = (
        ServiceLimits("checkout", 0.01, (0.05, 1.0), (1.5, 4.0), 0.5),
        ServiceLimits("new", None, None, None, 0.5),
    )
    state = DetectorState(None, START, 7, START + MINUTE, Figures(1, 2, limits))
    assert samples(state) == {
        'kafka_consumer_lag{consumer="detector",topic="aggregated_metrics"}': 7,
        'stream_time_timestamp_seconds{part="detector"}': START.timestamp(),
        "detector_snapshot_timestamp_seconds": START.timestamp() + 60,
        "detector_episodes_open": 1,
        "detector_series": 2,
        'service_expected_error_ratio{bound="upper",service="checkout"}': 0.01,
        'service_expected_latency_seconds{bound="upper",quantile="0.95",service="checkout"}': 1.0,
        'service_expected_latency_seconds{bound="lower",quantile="0.95",service="checkout"}': 0.05,
        'service_expected_request_rate{bound="lower",service="checkout"}': 1.5,
        'service_expected_request_rate{bound="upper",service="checkout"}': 4.0,
        'service_sla_latency_seconds{quantile="0.95",service="checkout"}': 0.5,
        'service_sla_latency_seconds{quantile="0.95",service="new"}': 0.5,
    }


def test_limits_are_those_of_the_newest_judged_window_of_each_service(minutes: Minutes) -> None:
    minutes.pass_minute({"checkout": FAILING, "search": CALM})
    figures = figures_of(minutes.engine, SETTINGS)
    checkout, search = figures.limits
    assert (checkout.service, checkout.error_ratio, checkout.sla_seconds) == ("checkout", 0.01, 0.5)
    assert checkout.latency_seconds == pytest.approx((0.0776, 0.199), rel=0.01)
    assert checkout.request_rate == pytest.approx((70 / 60, 170 / 60))
    assert search == ServiceLimits("search", None, None, None, 0.1)
    assert (figures.episodes_open, figures.services_known) == (1, 2)


def test_a_service_that_had_no_requests_for_five_judged_minutes_disappears(minutes: Minutes) -> None:
    minutes.pass_minutes([CALM] * 4, "search")
    assert {each.service for each in figures_of(minutes.engine, SETTINGS).limits} == {"checkout", "search"}
    minutes.pass_minutes([CALM], "search")
    figures = figures_of(minutes.engine, SETTINGS)
    assert {each.service for each in figures.limits} == {"search"}
    assert figures.services_known == 2


def test_two_hundred_services_have_names_the_ones_known_longest() -> None:
    engine = Engine(SETTINGS)
    engine.feed([counts(0, CALM, f"old{number:03}") for number in range(150)], START + MINUTE + DELAY)
    names = [f"old{number:03}" for number in range(150)] + [f"a{number:03}" for number in range(150)]
    engine.feed([counts(1, CALM, name) for name in names], START + 2 * MINUTE + DELAY)
    figures = figures_of(engine, SETTINGS)
    shown = [each.service for each in figures.limits]
    assert len(shown) == MOST_SERVICES_NAMED
    assert shown[:150] == names[:150]
    assert figures.services_known == 300


def test_before_the_first_judged_window_no_service_is_shown() -> None:
    assert figures_of(Engine(SETTINGS), SETTINGS) == Figures(0, 0, ())


def counted(instruments: Instruments) -> dict[str, float]:
    lines = generate_latest(instruments.registry).decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


@pytest.fixture
def detector(cluster: MemoryCluster, settings: DetectorSettings) -> Detector:
    streaming = Streaming(cluster)
    streaming.batches(faulty_traffic(1), [100])
    return Detector(cluster, settings).catch_up()


def test_the_loop_counts_records_judgements_and_revisions(cluster: MemoryCluster, detector: Detector) -> None:
    found = counted(detector.instruments)
    records = sum(len(cluster.records(source)) for source in cluster.partitions("aggregated_metrics"))
    applied = 'records_read_total{consumer="detector",outcome="applied",topic="aggregated_metrics"}'
    assert found[applied] == records
    too_few = 'detector_windows_judged_total{rule="error_rate",verdict="too_few"}'
    assert found[too_few] > 0
    revisions = len(cluster.records(cluster.partitions("anomalies")[0]))
    assert found["detector_revisions_published_total"] == revisions


def test_the_loop_shows_stream_time_and_lag(detector: Detector) -> None:
    newest: datetime | None = max(event.time for event in faulty_traffic(1))
    assert (detector.state.stream_time, detector.state.lag_records) == (newest, 0)
    assert detector.state.figures is not None


def test_every_family_is_declared_with_its_labels(minutes: Minutes) -> None:
    minutes.pass_minutes([SLOW])
    state = DetectorState(None, START, 0, START, figures_of(minutes.engine, SETTINGS))
    for family in DetectorCollector(state).collect():
        labels = {tuple(sorted(sample.labels)) for sample in family.samples}
        assert labels == {tuple(sorted(BY_NAME[family.name].labels))}
