"""The live engine on generated traffic of several seeds."""

from datetime import UTC, datetime, timedelta

from detector.settings import DetectorSettings
from evaluation.alarms import Label
from evaluation.fault_scoring import FaultFigures, score_faults
from evaluation.generated import GeneratedTraffic
from evaluation.live_engine import alarms, anomalies
from generator.live.catalog import SERVICE_NAMES

WARM_UP = timedelta(minutes=30)
"""Without history, what is usual is known after a quarter of an hour; twice that is not scored."""

FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)


def traffic_of(seed: int, hours: float, rate: float) -> GeneratedTraffic:
    """Return the traffic of a seed; each begins at another hour, so that all of the daily rhythm is in it."""
    return GeneratedTraffic(seed, FIRST_DAY + timedelta(hours=7 * seed % 24), timedelta(hours=hours), rate)


def scored(traffic: GeneratedTraffic, settings: DetectorSettings) -> FaultFigures:
    """Return the score of the live engine on generated traffic."""
    found = alarms(anomalies(traffic.batches(), settings))
    faults = [
        (Label(each.started_at.timestamp(), each.service, each.kind.value, each.ended_at.timestamp()), each.magnitude)
        for each in traffic.injections()
    ]
    days = len(SERVICE_NAMES) * (traffic.length - WARM_UP) / timedelta(days=1)
    return score_faults(found, faults, days, (traffic.start + WARM_UP).timestamp())
