"""A stack of real processes with the sample on its way, and the comparison at the end."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exporters.store.database import Database
from generator.disturbances import Disturbances
from generator.kafka_raw_events import KafkaRawEvents
from generator.recording import open_recording
from generator.replay import Replay
from generator.sample import write_sample
from local.broker import Broker
from local.exporters_client import ExportersClient
from local.process_group import ProcessGroup
from local.stack import Stack
from tests.integration.pipeline.exactness import load_exact, wrong_counts, wrong_sums
from tests.integration.pipeline.pipeline import poll_until

ROWS = 20_000
EVENTS_PER_BATCH = 2_500


@dataclass
class Crashing:
    """Processes of one stack, each started and killed by the test."""

    stack: Stack
    sample: Path
    processes: list[ProcessGroup] = field(default_factory=list)
    brokers: list[Broker] = field(default_factory=list)

    def start(self, module: str, *arguments: str, ready: Callable[[], bool] = lambda: True) -> ProcessGroup:
        """Start ``python -m module`` with the stack's settings and wait until it is ready."""
        log = self.stack.log(module.rsplit(".", 1)[-1])
        process = ProcessGroup.start([sys.executable, "-m", module, *arguments], log, self.stack.environment())
        self.processes.append(process)
        poll_until(ready, 90)
        return process

    def replay(self) -> None:
        """Send the sample, as fast as possible."""
        recording = open_recording(self.sample)
        replay = Replay(recording, Disturbances(), 0, datetime.now(UTC))
        raw_events = KafkaRawEvents(self.stack.kafka)
        replay.send_at_full_speed(raw_events)

    def wait_until_stored(self) -> None:
        """Wait until every row of the sample is in the books and in the tables."""
        client = ExportersClient(self.stack.exporters_url)

        def stored() -> bool:
            (books,) = client.rows("books")
            return bool(books["offsets_read"] >= ROWS and books["requests_stored"] == books["counted"] == ROWS)

        poll_until(stored, 120)

    def assert_exact(self, exporters: ProcessGroup) -> None:
        """Stop the exporters and compare the database with plain SQL over the sample."""
        (books,) = ExportersClient(self.stack.exporters_url).rows("books")
        assert (books["received"], books["counted"], books["offsets_read"]) == (ROWS, ROWS, ROWS)
        assert (books["duplicate"], books["late"], books["lost"], books["unaccounted"]) == (0, 0, 0, 0)
        assert exporters.stop(20) == 0
        database = Database.open(self.stack.data_dir / "observability.db")
        cursor = database.cursor()
        load_exact(cursor, self.sample)
        assert (wrong_counts(cursor), wrong_sums(cursor)) == (0, 0)
        database.close()

    def committed(self, batch_id: int) -> bool:
        """Whether Spark has committed a batch."""
        return any((self.stack.data_dir / "checkpoints").glob(f"form-*/*/commits/{batch_id}"))


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[Crashing]:
    write_sample(tmp_path / "sample.csv.gz", rows=ROWS)
    settings = {
        "TRIGGER_SECONDS": "0.2",
        "WATERMARK_DELAY_SECONDS": "86400",
        "MAX_EVENTS_PER_BATCH": str(EVENTS_PER_BATCH),
        "SINK_MAX_MESSAGES": "200",
    }
    running = Crashing(Stack.isolated(tmp_path / "stack", settings), tmp_path / "sample.csv.gz")
    yield running
    for process in reversed(running.processes):
        process.stop(20)
    for broker in running.brokers:
        broker.stop()
