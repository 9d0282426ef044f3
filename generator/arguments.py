"""The command line of the generator."""

import argparse
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from contracts.settings import BrokerAddress
from generator.disturbances import Disturbances
from generator.timeline import REAL_TIME, Times

LIVE, REPLAY = "live", "replay"
LONGEST_BACKFILL = timedelta(hours=24)
"""As long as the topic keeps events."""

_BROKER: TypeAdapter[str] = TypeAdapter(BrokerAddress)
_ASKS_FOR_HELP = frozenset({"-h", "--help"})


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What live traffic was asked to be: how much history to fill first, None for none."""

    backfill: timedelta | None


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What a replay was asked to be. ``speed`` None is as fast as possible, ``broker`` None is the setting's."""

    file: Path
    broker: str | None
    speed: float | None
    times: Times
    isolated: bool
    disturbances: Disturbances
    late_after_seconds: float


def parse_arguments(arguments: Sequence[str]) -> LiveOptions | ReplayOptions:
    """Read the command line; a mistake in it, or ``--help``, ends the process as argparse does.

    >>> parse_arguments(["--backfill", "90m"])
    LiveOptions(backfill=datetime.timedelta(seconds=5400))
    """
    options = _parser().parse_args(_with_command(arguments))
    return LiveOptions(options.backfill) if options.command == LIVE else _replay_options(options)


def _with_command(arguments: Sequence[str]) -> list[str]:
    named = arguments and (arguments[0] in (LIVE, REPLAY) or arguments[0] in _ASKS_FOR_HELP)
    return [*arguments] if named else [LIVE, *arguments]


def _replay_options(options: argparse.Namespace) -> ReplayOptions:
    return ReplayOptions(
        file=options.file,
        broker=options.broker,
        speed=options.speed,
        times=cast("Times", options.times),
        isolated=options.isolated,
        disturbances=Disturbances(
            duplicates=options.duplicates,
            broken=options.broken,
            disorder_seconds=options.disorder_seconds,
            future=options.future,
            late=options.late,
            repeat_within_seconds=options.repeat_within_seconds,
            seed=options.seed,
        ),
        late_after_seconds=options.late_after_seconds,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m generator", description="Traffic for the platform.")
    parser.add_argument("--check-config", action="store_true", help="validate the settings and end")
    commands = parser.add_subparsers(dest="command", required=True)
    live = commands.add_parser(LIVE, help="send live traffic (the default)", description="Send live traffic.")
    live.add_argument("--backfill", type=_span, metavar="TIME", help="history to fill at most first: 90m, 2h")
    replay = commands.add_parser(REPLAY, help="send recorded requests", description="Send recorded requests.")
    replay.add_argument("file", type=Path, help="CSV file, compressed with gzip or not")
    _add_course(replay)
    _add_disturbances(replay)
    return parser


def _add_course(replay: argparse.ArgumentParser) -> None:
    add = replay.add_argument
    add("--broker", type=_broker, metavar="HOST:PORT", help="Kafka bootstrap servers (default: KAFKA_BROKER)")
    add("--speed", type=_speed, default=REAL_TIME, help="1 is real time, 10 ten times that, max no waiting (default 1)")
    add("--times", choices=("original", "now"), default="now", help="recorded times, or shifted to now (default now)")
    add("--isolated", action="store_true", help="the stack is not the live one: any times and speed are right")


def _add_disturbances(replay: argparse.ArgumentParser) -> None:
    add = replay.add_argument_group("disturbances").add_argument
    default = Disturbances()
    add("--duplicates", type=_share, default=default.duplicates, help="share of events that are sent twice")
    add(
        "--repeat-within-seconds",
        type=_seconds,
        default=default.repeat_within_seconds,
        help="longest time from an event to its duplicate; keep it below the watermark delay (default 300)",
    )
    add("--broken", type=_share, default=default.broken, help="share of broken messages, per event")
    add("--disorder-seconds", type=_seconds, default=default.disorder_seconds, help="events are held back up to this")
    add("--future", type=_count, default=default.future, help="number of events that are a day ahead")
    add("--late", type=_count, default=default.late, help="number of late events, sent after all others")
    add("--late-after-seconds", type=_seconds, default=30.0, help="pause before the late events (default 30)")
    add("--seed", type=int, default=default.seed, help="the same seed disturbs in the same way (default 1)")


def _number(text: str, admits: Callable[[float], bool], what: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}") from error
    if not (math.isfinite(value) and admits(value)):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def _speed(text: str) -> float | None:
    return None if text == "max" else _number(text, lambda value: value >= 1, "max or a number from 1 up")


def _share(text: str) -> float:
    return _number(text, lambda value: 0 <= value <= 1, "a share from 0 to 1")


def _seconds(text: str) -> float:
    return _number(text, lambda value: value >= 0, "a number of seconds from 0 up")


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,3})([mh])", text)
    unit = timedelta(minutes=1) if text.endswith("m") else timedelta(hours=1)
    span = None if found is None else int(found[1]) * unit
    if span is None or span > LONGEST_BACKFILL:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90m or 2h, of at most 24h")
    return span


def _count(text: str) -> int:
    return int(_number(text, lambda value: value >= 0 and value == int(value), "a whole number from 0 up"))


def _broker(text: str) -> str:
    try:
        return _BROKER.validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not host:port, several separated by commas") from error
