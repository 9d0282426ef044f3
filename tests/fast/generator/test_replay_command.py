"""The command ``replay``, into a broker's memory."""

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.topics import RAW_EVENTS
from generator.__main__ import main
from generator.arguments import ReplayOptions, parse_arguments
from generator.command import ReplayCommand
from generator.raw_events import MemoryRawEvents, RawEvents
from runtime.memory import MemoryCluster
from runtime.topic_log import BrokerUnavailableError, PublishError

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ISOLATED = ("--isolated", "--speed", "max", "--times", "original")


class FailingRawEvents(MemoryRawEvents):
    """A topic whose broker stops to acknowledge."""

    def flush(self) -> None:
        raise PublishError("7 messages were not delivered: Local: Message timed out")


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster([RAW_EVENTS])


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


def replay(raw_events: RawEvents, stop: threading.Event, path: Path, *options: str) -> int:
    command = ReplayCommand(lambda: raw_events, lambda: stop, lambda: NOW)
    return command.run(replay_options(path, *options))


def replay_options(path: Path, *options: str) -> ReplayOptions:
    parsed = parse_arguments(["replay", str(path), *options])
    assert isinstance(parsed, ReplayOptions)
    return parsed


def values(cluster: MemoryCluster) -> list[bytes | None]:
    return [m.value for source in cluster.partitions(RAW_EVENTS.name) for m in cluster.records(source)]


def numbers(table: str) -> dict[str, int]:
    lines = (line.split() for line in table.splitlines())
    return {words[0]: int(words[1].replace(",", "")) for words in lines if len(words) == 2 and words[1][0].isdigit()}


def test_every_request_arrives_and_the_account_says_so(
    cluster: MemoryCluster, stop: threading.Event, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(MemoryRawEvents(cluster), stop, shop, *ISOLATED) == 0
    out = capsys.readouterr().out
    assert numbers(out)["good"] == numbers(out)["messages"] == len(set(values(cluster))) == 300
    assert "/api/v1/batches" in out


def test_disturbances_are_in_the_account(
    cluster: MemoryCluster, stop: threading.Event, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ("--duplicates", "0.5", "--broken", "0.5", "--disorder-seconds", "3", "--future", "4", "--late", "6")
    assert replay(MemoryRawEvents(cluster), stop, shop, *ISOLATED, *wanted, "--late-after-seconds", "0") == 0
    table = numbers(capsys.readouterr().out)
    assert (table["good"], table["future"], table["late"]) == (300, 4, 6)
    assert table["messages"] == len(values(cluster)) == 310 + table["duplicate"] + table["invalid"]
    assert table["invalid_json"] > 0


def test_shifted_to_now_the_last_event_is_now(cluster: MemoryCluster, stop: threading.Event, shop: Path) -> None:
    replay(MemoryRawEvents(cluster), stop, shop, "--isolated", "--speed", "max", "--times", "now")
    assert max(json.loads(value or b"")["event_time"] for value in values(cluster)) == "2026-01-01T12:00:00.000Z"


@pytest.mark.parametrize("options", [("--speed", "max"), ("--speed", "2"), ("--times", "original")])
def test_a_live_stack_is_protected(
    cluster: MemoryCluster,
    stop: threading.Event,
    shop: Path,
    options: Sequence[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert replay(MemoryRawEvents(cluster), stop, shop, *options) == 2
    assert "--isolated" in capsys.readouterr().err
    assert values(cluster) == []


def test_a_stop_ends_it_with_the_account_so_far(
    cluster: MemoryCluster, stop: threading.Event, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop.set()
    assert replay(MemoryRawEvents(cluster), stop, shop) == 130
    captured = capsys.readouterr()
    assert numbers(captured.out)["messages"] == len(values(cluster)) < 300
    assert "Stopped early" in captured.err


def test_undelivered_messages_are_a_failure(
    cluster: MemoryCluster, stop: threading.Event, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(FailingRawEvents(cluster), stop, shop, *ISOLATED) == 1
    assert "7 messages were not delivered" in capsys.readouterr().err


def test_a_wrong_file_sends_nothing(
    cluster: MemoryCluster, stop: threading.Event, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write_text(shop.read_text(encoding="utf-8") + "1,s,/a,slow,t\n", encoding="utf-8")
    assert replay(MemoryRawEvents(cluster), stop, shop, *ISOLATED) == 2
    assert f"{shop}, line 302: latency_ms 'slow'" in capsys.readouterr().err
    assert values(cluster) == []


def test_an_absent_broker_is_a_failure_with_a_way_out(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def connect() -> RawEvents:
        raise BrokerUnavailableError("no broker answers at kafka:9092")

    assert ReplayCommand(connect, threading.Event, lambda: NOW).run(replay_options(shop)) == 1
    assert "no broker answers at kafka:9092. Start the stack" in capsys.readouterr().err


def test_an_unsorted_file_is_sent_in_order(cluster: MemoryCluster, stop: threading.Event, shop: Path) -> None:
    header, *lines = shop.read_text(encoding="utf-8").splitlines()
    shop.write_text("\n".join([header, *reversed(lines)]), encoding="utf-8")
    assert replay(MemoryRawEvents(cluster), stop, shop, *ISOLATED) == 0
    first = cluster.records(cluster.partitions(RAW_EVENTS.name)[0])[0]
    assert json.loads(first.value or b"")["event_time"] == "2023-11-14T22:13:20.000Z"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--speed", "0.5"),
        ("--duplicates", "1.1"),
        ("--late", "-1"),
        ("--broker", "nowhere"),
        ("--disorder-seconds", "nan"),
    ],
)
def test_a_wrong_option_is_refused_with_its_name(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse_arguments(["replay", "file.csv", option, value])
    assert f"argument {option}: {value!r} is not" in capsys.readouterr().err


def test_the_settings_can_be_checked_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--check-config"])
    assert capsys.readouterr().out == "Every setting is valid.\n"
