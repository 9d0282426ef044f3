"""Counts for tests of the engine, minute by minute."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from contracts.anomalies import Anomaly
from contracts.histogram import bucket_index
from detector.engine import Engine
from detector.settings import DetectorSettings
from detector.windows import WindowCounts

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DELAY = timedelta(seconds=10)

Traffic = tuple[int, int, float]
"""Requests, errors and the latency of all of them in seconds."""

CALM: Traffic = (100, 0, 0.1)
FAILING: Traffic = (100, 20, 0.1)
SLOW: Traffic = (100, 0, 2.5)


def counts(minute: int, traffic: Traffic = CALM, service: str = "checkout", endpoint: str = "/cart") -> WindowCounts:
    requests, errors, latency_seconds = traffic
    return WindowCounts(START + minute * MINUTE, service, endpoint, [(bucket_index(latency_seconds), requests, errors)])


def arriving(minute: int, thirds: tuple[int, int, int], service: str = "checkout") -> WindowCounts:
    """Return counts of which is known when the requests came, none of which failed or was slow."""
    counted = counts(minute, (sum(thirds), 0, 0.1), service)
    return counted._replace(arrivals=[thirds[:2]])


class Minutes:
    """An engine that is fed one minute after the other, each judged at once."""

    def __init__(self, settings: DetectorSettings | None = None, engine: Engine | None = None) -> None:
        self.engine = Engine(DetectorSettings() if settings is None else settings) if engine is None else engine
        self.minute = 0
        self.published: list[Anomaly] = []

    def pass_minute(self, traffic: Mapping[str, Traffic], *, evenly: bool = False) -> list[Anomaly]:
        """Let every service have its traffic for a minute, of which may be known that it came evenly."""
        now = START + (self.minute + 1) * MINUTE + DELAY
        each = [counts(self.minute, numbers, service) for service, numbers in traffic.items()]
        if evenly:
            each = [one._replace(arrivals=[(one.buckets[0][1] // 3,) * 2]) for one in each]
        changed = self.engine.feed(each, now)
        self.minute += 1
        self.published += changed
        return changed

    def pass_minutes(self, traffics: Iterable[Traffic], service: str = "checkout") -> list[Anomaly]:
        """Let one service have this traffic, minute by minute; return what changed meanwhile."""
        return [anomaly for traffic in traffics for anomaly in self.pass_minute({service: traffic})]

    def skip_minutes(self, minutes: int) -> list[Anomaly]:
        """Let stream time pass without any traffic."""
        self.minute += minutes
        changed = self.engine.advance(START + self.minute * MINUTE + DELAY)
        self.published += changed
        return changed

    def final(self) -> dict[str, Anomaly]:
        """Return the newest revision of every anomaly, by id, in the order of their opening."""
        return {anomaly.anomaly_id: anomaly for anomaly in self.published}
