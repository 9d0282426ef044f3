"""The other services are asked in the background; /ready and /metrics look at the newest answers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import pytest

from contracts.times import utc_now
from exporters.probes import Probes
from exporters.web.status import PartState
from tests.fast.maintenance.http_twin import Twin, serving

PARTS = ("streaming", "detector", "narrator", "generator")
STREAM_TIME = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def twins() -> Iterator[dict[str, Twin]]:
    with ExitStack() as stack:
        yield {part: stack.enter_context(serving(Twin())) for part in PARTS}


def until(condition: Callable[[], bool]) -> None:
    deadline, pause = time.monotonic() + 10, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.01)


def probing(urls: dict[str, str], now: Callable[[], datetime] = utc_now) -> Probes:
    probes = Probes(urls, now, interval_seconds=0.02, timeout_seconds=0.5)
    probes.start()
    return probes


def reasons(probes: Probes, stream_time: datetime | None = STREAM_TIME) -> dict[str, str]:
    return {part: state.reason for part, state in probes.part_states(stream_time).items() if not state.ready}


def test_before_the_first_answer_nothing_is_ready_and_nothing_is_known() -> None:
    probes = Probes(dict.fromkeys(PARTS, "http://127.0.0.1:1"), utc_now)
    assert probes.answers() == dict.fromkeys(PARTS)
    assert set(reasons(probes)) == {"streaming", "detector", "narrator"}


def test_services_that_answer_are_ready(twins: dict[str, Twin]) -> None:
    for twin in twins.values():
        twin.says(f"stream_time_timestamp_seconds {STREAM_TIME.timestamp() - 120}")
    with closing(probing({part: twin.url for part, twin in twins.items()})) as probes:
        until(lambda: all(answer and answer.healthy for answer in probes.answers().values()))
        healthy = PartState(ready=True, reason="healthy")
        assert probes.part_states(STREAM_TIME) == dict.fromkeys(("detector", "narrator", "generator"), healthy)
        late = STREAM_TIME + timedelta(seconds=1)
        assert reasons(probes, late) == {
            "detector": "it is 121 s of stream time behind the exporters, allowed are 120 s"
        }


def test_a_service_that_goes_away_and_comes_back_is_noticed(twins: dict[str, Twin]) -> None:
    for twin in twins.values():
        twin.says(f"stream_time_timestamp_seconds {STREAM_TIME.timestamp()}")
    with closing(probing({part: twin.url for part, twin in twins.items()})) as probes:
        until(lambda: reasons(probes) == {})
        twins["streaming"].says("", status=503, health=b'{"reason": "waiting for Kafka"}')
        until(lambda: reasons(probes) == {"streaming": "waiting for Kafka"})
        twins["streaming"].says("")
        until(lambda: reasons(probes) == {})


def test_a_generator_counts_once_it_has_answered(twins: dict[str, Twin]) -> None:
    urls = {"generator": twins["generator"].url}
    twins["generator"].answers = {"/health": b"\x00"}
    with closing(probing(urls)) as probes:
        until(lambda: probes.answers()["generator"] is not None)
        assert probes.part_states(None) == {}
        twins["generator"].says("")
        until(lambda: reasons(probes, None) == {} and "generator" in probes.part_states(None))
        twins["generator"].answers = {"/health": b"\x00"}
        until(lambda: "generator" in reasons(probes, None))


def test_a_service_that_hangs_delays_no_other_and_is_down_after_a_minute(twins: dict[str, Twin]) -> None:
    moments = [datetime(2026, 1, 1, tzinfo=UTC)]
    for twin in twins.values():
        twin.says("")
    probes = Probes({part: twins[part].url for part in PARTS}, lambda: moments[-1], 0.02, timeout_seconds=30)
    probes.start()
    with closing(probes):
        until(lambda: all(probes.answers().values()))
        twins["narrator"].hold = threading.Event()
        moments.append(moments[0] + timedelta(seconds=61))
        until(lambda: reasons(probes, None).keys() == {"narrator"})
        assert reasons(probes, None)["narrator"] == "it has kept a question waiting for over a minute"


def test_closing_does_not_wait_for_an_answer(twins: dict[str, Twin]) -> None:
    twins["narrator"].hold = threading.Event()
    probes = Probes({"narrator": twins["narrator"].url}, utc_now, 0.02, timeout_seconds=5)
    probes.start()
    until(lambda: bool(twins["narrator"].asked))
    began = time.monotonic()
    probes.close()
    assert time.monotonic() - began < 1
