"""A week of operation in fast-forward leaves memory flat."""

import gc
import sys

from pydantic import TypeAdapter

from detector.engine import Engine, EngineState
from detector.settings import DetectorSettings
from detector.windows import WindowCounts
from tests.fast.detector.counting import DELAY, MINUTE, START, Traffic, counts

DAY = 24 * 60
SERVICES = ("checkout", "payments", "search")
ENDPOINTS = ("/a", "/b", "/c")
STATE: TypeAdapter[EngineState] = TypeAdapter(EngineState)


def traffic(minute: int, service: str) -> Traffic:
    """Let each service fail and be slow for some minutes, every two hours or so."""
    phase = (minute + 37 * SERVICES.index(service)) % 113
    return (40, 10 if phase < 4 else 0, 1.5 if 60 <= phase < 63 else 0.1)


def counted(minute: int) -> list[WindowCounts]:
    """Return the counts of a minute: of the three services, and of a batch job that has another name every hour."""
    if minute % DAY < 180:
        return []
    each = [counts(minute, traffic(minute, service), service, path) for service in SERVICES for path in ENDPOINTS]
    return [*each, counts(minute, service=f"job-{minute // 60}")]


class Week:
    """An engine in fast-forward."""

    def __init__(self) -> None:
        self.engine = Engine(DetectorSettings())
        self.opened = self.resolved = self.minute = 0

    def pass_days(self, days: int) -> None:
        for _ in range(days * DAY):
            changed = self.engine.feed(counted(self.minute), START + (self.minute + 1) * MINUTE + DELAY)
            self.opened += sum(anomaly.revision == 1 for anomaly in changed)
            self.resolved += sum(anomaly.resolved for anomaly in changed)
            self.minute += 1

    def state_bytes(self) -> int:
        return len(STATE.dump_json(self.engine.state()))


def allocated_blocks() -> int:
    """Return how many blocks of memory the interpreter has handed out."""
    gc.collect()
    return sys.getallocatedblocks()


def test_a_week_leaves_state_and_memory_as_large_as_two_days() -> None:
    week = Week()
    week.pass_days(2)
    state_bytes, blocks = week.state_bytes(), allocated_blocks()
    week.pass_days(5)
    assert week.state_bytes() < 1.01 * state_bytes < 300_000
    assert allocated_blocks() - blocks < 2_000, "a leak of one block a minute would be 7200"
    assert week.opened > 400
    assert week.opened - week.resolved == week.engine.episodes_open
    assert len(week.engine.services) == len(SERVICES) + 22
