"""A quarter of an hour of thin traffic with faults, for detectors that are content with few events."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from detector.settings import DetectorSettings
from tests.fast.detector.counting import START
from tests.fast.detector.streamed import Event

SERVICES = ("cart", "checkout", "search")
MINUTES = 16
EACH_MINUTE = 16
DISORDER_SECONDS = 9.99


def content_with_few(state_dir: Path) -> DetectorSettings:
    """Return settings by which a few windows of sixteen requests can be judged."""
    return DetectorSettings(
        detector_state_dir=state_dir,
        detector_baseline_windows=2,
        detector_min_requests=8,
        detector_min_errors=2,
        detector_far_shift=3,
    )


def faulty_traffic(seed: int) -> list[Event]:
    """Return events of some minutes in their order of arrival, out of order by less than ten seconds.

    Each service is faulty, silent or asked more in a few minutes of its own; a last event ends them all.
    """
    random = Random(seed)
    events: list[Event] = []
    for service in SERVICES:
        faults = {
            random.randrange(3, MINUTES): random.choice(("errors", "latency", "silence", "surge")) for _ in range(4)
        }
        for minute in range(MINUTES):
            events += _minute(random, service, minute, faults.get(minute))
    events.sort(key=lambda event: event.time + timedelta(seconds=random.uniform(0, DISORDER_SECONDS)))
    return [*events, Event(_at(MINUTES + 10, 0), "search", "/", 0.1, failed=False)]


def _minute(random: Random, service: str, minute: int, fault: str | None) -> list[Event]:
    requests = {"silence": 0, "surge": 5 * EACH_MINUTE}.get(fault or "", EACH_MINUTE)
    slow = 3.0 if fault == "latency" else 0.1
    return [
        Event(
            _at(minute, random.uniform(0, 59.999)),
            service,
            random.choice(("/a", "/b")),
            slow * random.uniform(0.5, 1.5),
            fault == "errors" and random.random() < 0.8,
        )
        for _ in range(requests)
    ]


def _at(minute: int, second: float) -> datetime:
    return START + timedelta(minutes=minute, seconds=second)
