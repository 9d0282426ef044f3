"""What a service costs: memory, snapshot and time."""

import tracemalloc
from datetime import datetime
from random import Random
from time import process_time

from pydantic import TypeAdapter

from contracts.histogram import bucket_index
from detector.engine import Engine, EngineState
from detector.settings import DetectorSettings
from detector.windows import WindowCounts
from tests.fast.detector.counting import DELAY, MINUTE, START

SERVICES = 100
BYTES_OF_A_SERVICE = 20 * 1024
STATE: TypeAdapter[EngineState] = TypeAdapter(EngineState)


def buckets(random: Random) -> list[tuple[int, int, int]]:
    found: dict[int, int] = {}
    for _ in range(120):
        index = bucket_index(0.1 * random.lognormvariate(0, 0.5))
        found[index] = found.get(index, 0) + 1
    return [(index, requests, 0) for index, requests in found.items()]


def fed(engine: Engine, minute: int, shapes: list[list[tuple[int, int, int]]]) -> datetime:
    for number in range(SERVICES):
        shape = shapes[(minute + number) % len(shapes)]
        arrivals = [(requests // 3, requests // 3) for _, requests, _ in shape]
        engine.add(WindowCounts(START + minute * MINUTE, f"service-{number}", "/", shape, arrivals))
    return START + (minute + 1) * MINUTE + DELAY


def test_a_service_takes_less_than_twenty_kilobytes_in_memory_and_in_the_snapshot() -> None:
    shapes = [buckets(Random(seed)) for seed in range(20)]
    engine = Engine(DetectorSettings())
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for minute in range(70):
        engine.advance(fed(engine, minute, shapes))
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert taken / SERVICES < BYTES_OF_A_SERVICE
    assert len(STATE.dump_json(engine.state())) / SERVICES < BYTES_OF_A_SERVICE


def test_thousands_of_series_are_judged_in_a_second_of_one_core() -> None:
    """5,000 is what is asked for on an idle core; a busy one is given twice the time."""
    shapes = [buckets(Random(seed)) for seed in range(20)]
    engine, spent = Engine(DetectorSettings()), []
    for minute in range(75):
        stream_time = fed(engine, minute, shapes)
        begun = process_time()
        engine.advance(stream_time)
        spent.append(process_time() - begun)
    assert SERVICES / min(spent[65:]) > 2_500
