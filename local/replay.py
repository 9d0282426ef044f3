"""``make replay``: a recording through a whole stack of its own, as fast as it goes, and what came of it."""

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from contracts import metrics
from contracts.topics import ANOMALIES
from generator.disturbances import Disturbances
from generator.kafka_raw_events import KafkaRawEvents
from generator.recording import Recording, open_recording
from generator.recording_file import RecordingError
from generator.replay import Replay
from generator.sample import write_sample
from local.errors import LocalError
from local.exporters_client import ExportersClient
from local.interruption import sigterm_interrupts
from local.java import find_java
from local.memory import resident_bytes
from local.metrics_client import total
from local.paths import CACHE, REPOSITORY
from local.processes import Supervisor
from local.progress import Progress
from local.replay_report import Cost, report
from local.stack import Stack
from runtime.topic_log import BrokerUnavailableError, PublishError

START_DEADLINE_SECONDS = 120.0
STALL_SECONDS = 120.0
"""How long nothing may move, in seconds, before the replay is given up."""

_POLL_SECONDS = 0.2


class ReplayError(LocalError):
    """The replay could not be finished."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; the result is the exit code."""
    progress = Progress()
    try:
        recording = _recording(arguments, progress)
        with sigterm_interrupts():
            _replay(recording, progress, keep=os.environ.get("KEEP") == "1")
    except (LocalError, RecordingError, BrokerUnavailableError, PublishError) as error:
        progress.clear()
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        progress.line("Stopped.")
        return 130
    return 0


def _recording(arguments: Sequence[str], progress: Progress) -> Recording:
    if arguments:
        path = Path(arguments[0]).expanduser()
    else:
        path = CACHE / "sample.csv.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sample(path)
        progress.line("No FILE given: using the project's own sample. A recording: make replay FILE=events.csv.gz")
    progress.moving(f"  reading {path.name} ...")
    recording = open_recording(path)
    hours = recording.span_ms / 3_600_000
    progress.line(f"Recording {path.name}: {recording.row_count:,} requests over {hours:.1f} h of original time")
    return recording


def _replay(recording: Recording, progress: Progress, *, keep: bool) -> None:
    data_dir = REPOSITORY / "data" / "replays" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    with _removed_after(data_dir, keep=keep), Supervisor(progress) as supervisor:
        stack = Stack.isolated(data_dir, _settings(recording))
        _start(stack, supervisor, progress)
        cost = _send_and_wait(recording, stack, supervisor, progress)
        _wait_until_judged(stack, supervisor, progress)
        client = stack.exporters_client()
        sys.stdout.write(report(client.books(), client.services(), client.rows("anomalies", {"from": 0}), cost))
        if keep:
            _keep(stack, supervisor, progress)


def _settings(recording: Recording) -> dict[str, str]:
    """A watermark delay above the recording's span, so that nothing in it is late; and nothing of it is removed."""
    return {
        "RETENTION_DAYS": "3650",
        "HOURLY_RETENTION_DAYS": "3650",
        "TRIGGER_SECONDS": "0.5",
        "WATERMARK_DELAY_SECONDS": str(recording.span_ms // 1000 + 3600),
    }


def _start(stack: Stack, supervisor: Supervisor, progress: Progress) -> None:
    progress.line(f"Starting a stack of its own; its data and logs: {stack.data_dir}")
    supervisor.start(stack.broker(), deadline_seconds=START_DEADLINE_SECONDS)
    services = (stack.exporters(), stack.streaming(find_java()), stack.detector())
    supervisor.start(*services, deadline_seconds=START_DEADLINE_SECONDS)


def _send_and_wait(recording: Recording, stack: Stack, supervisor: Supervisor, progress: Progress) -> Cost:
    started = time.monotonic()
    replay = Replay(recording, Disturbances(), shift_ms=0, now=datetime.now(UTC))
    raw_events = KafkaRawEvents(stack.kafka)
    replay.send_at_full_speed(raw_events, lambda sent: _show(progress, sent))
    sent_seconds = time.monotonic() - started
    progress.line(f"  sent     {replay.sent.messages:>10,} events in {sent_seconds:5.1f} s")
    _wait_until_counted(replay.sent.messages, stack.exporters_client(), supervisor, progress)
    stored_seconds = time.monotonic() - started
    progress.line(f"  stored   {replay.sent.messages:>10,} events in {stored_seconds:5.1f} s")
    return Cost(stored_seconds, resident_bytes())


def _show(progress: Progress, sent: int) -> None:
    progress.moving(f"  sending: {sent:,} events ...")


def _wait_until_counted(messages: int, client: ExportersClient, supervisor: Supervisor, progress: Progress) -> None:
    """Wait until every message is in the books and what they count is in the tables."""
    known: Mapping[str, float] = {}
    moved = time.monotonic()
    while not (known and known["offsets_read"] >= messages and known["requests_stored"] == known["counted"]):
        supervisor.raise_if_dead()
        time.sleep(_POLL_SECONDS)
        books = client.books()
        if books != known:
            known, moved = books, time.monotonic()
        progress.moving(f"  counting: {known['received']:,} of {messages:,} events ...")
        if time.monotonic() - moved > STALL_SECONDS:
            raise ReplayError(f"nothing has moved for {STALL_SECONDS:.0f} s; look at the logs. The books say {known}")


def _wait_until_judged(stack: Stack, supervisor: Supervisor, progress: Progress) -> None:
    """Wait until the detector has read every window and what it published is in the tables."""
    began = time.monotonic()
    while not _is_judged(stack):
        supervisor.raise_if_dead()
        time.sleep(_POLL_SECONDS)
        progress.moving("  judging ...")
        if time.monotonic() - began > STALL_SECONDS:
            raise ReplayError(f"the detector is not done after {STALL_SECONDS:.0f} s; look at {stack.log('detector')}")


def _is_judged(stack: Stack) -> bool:
    detector = stack.url("detector")
    if total(detector, metrics.CONSUMER_LAG) != 0:
        return False
    stored = total(stack.exporters_url, metrics.SINK_RECORDS, {"topic": ANOMALIES.name, "outcome": "applied"})
    return (stored or 0) >= (total(detector, metrics.ANOMALY_REVISIONS) or 0)


def _keep(stack: Stack, supervisor: Supervisor, progress: Progress) -> None:
    progress.line(
        f"\nThe stack keeps running; Ctrl-C ends it.\n"
        f"  curl '{stack.exporters_url}/api/v1/services?from=0'\n"
        f"  curl '{stack.exporters_url}/api/v1/metrics?from=0&step_ms=3600000'\n"
        f"  curl '{stack.exporters_url}/api/v1/anomalies?from=0'\n"
        f"  {stack.exporters_url}/  (links to everything else)"
    )
    supervisor.supervise(until=lambda: False)


@contextmanager
def _removed_after(data_dir: Path, *, keep: bool) -> Iterator[None]:
    """Remove the data of a replay that ended well; after a failure the logs are needed."""
    yield
    if not keep:
        shutil.rmtree(data_dir, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
