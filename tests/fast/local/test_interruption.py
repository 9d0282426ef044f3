import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.interruption import interrupts_deferred, sigterm_interrupts
from local.paths import REPOSITORY

STACK = """
import sys
from collections.abc import Iterator
from pathlib import Path
from local.interruption import sigterm_interrupts
from local.processes import Service, Supervisor
mark = Path(sys.argv[1])
code = f"import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
child = [sys.executable, "-c", code]
ready = lambda: sys.argv[2] == "ready" and mark.exists()
with sigterm_interrupts(), Supervisor() as supervisor:
    supervisor.start(Service("one", child, {}, mark.with_suffix(".log"), ready), deadline_seconds=30)
    supervisor.supervise(until=lambda: False)
"""


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM] * 5], ids=len)
@pytest.mark.parametrize("phase", ["ready", "starting"])
def test_an_interrupted_stack_leaves_no_process_behind(tmp_path: Path, signals: list[int], phase: str) -> None:
    mark = tmp_path / "mark"
    stack = subprocess.Popen([sys.executable, "-c", STACK, str(mark), phase], cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    child = int(mark.read_text())
    os.kill(child, 0)
    for number in signals:
        stack.send_signal(number)
    assert stack.wait(10) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_sigterm_is_an_interrupt_inside_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), sigterm_interrupts():
        signal.raise_signal(signal.SIGTERM)


@pytest.fixture(autouse=True)
def interrupts_are_heard() -> Iterator[None]:
    """Whatever ran before, and wherever the tests were started: a shell's background job ignores interrupts."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def send_and_go_on(reached: list[str]) -> None:
    with interrupts_deferred():
        signal.raise_signal(signal.SIGINT)
        reached.append("end of the block")
    reached.append("after the block")


def test_an_interrupt_waits_until_the_deferring_block_has_ended() -> None:
    reached: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        send_and_go_on(reached)
    assert reached == ["end of the block"]


def test_a_second_signal_does_not_cut_into_the_clean_up() -> None:
    with sigterm_interrupts():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
