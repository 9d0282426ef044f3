import io
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.backoff import Backoff
from local.processes import Service, ServiceError, Supervisor
from local.progress import Progress

TOUCH_AND_WAIT = "import pathlib, time, os; pathlib.Path('{path}').write_text(str(os.getpid())); time.sleep(60)"


def python(name: str, code: str, folder: Path, ready: Callable[[], bool] | None = None) -> Service:
    path = folder / name
    command = [sys.executable, "-c", code.format(path=path)]
    return Service(name, command, {}, folder / f"{name}.log", ready or path.exists, stop_timeout_seconds=2)


def supervisor(output: io.StringIO | None = None) -> Supervisor:
    return Supervisor(Progress(output or io.StringIO()), Backoff(first_seconds=0.05))


def pid_in(path: Path) -> int:
    return int(path.read_text() or 0)


def eventually(condition: Callable[[], bool], deadline_seconds: float = 5) -> bool:
    deadline = time.monotonic() + deadline_seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "\nState:\tZ" in status.read_text()


def test_services_are_ready_when_start_returns_and_gone_afterwards(tmp_path: Path) -> None:
    output = io.StringIO()
    with supervisor(output) as processes:
        processes.start(*(python(name, TOUCH_AND_WAIT, tmp_path) for name in ("one", "two")), deadline_seconds=10)
        pids = [pid_in(tmp_path / name) for name in ("one", "two")]
        assert not any(is_gone(pid) for pid in pids)
    assert all(is_gone(pid) for pid in pids)
    assert output.getvalue().count("ready") == 2


def test_a_service_that_ends_during_the_start_is_named_and_the_others_are_stopped(tmp_path: Path) -> None:
    good = python("good", TOUCH_AND_WAIT, tmp_path)
    bad = python("bad", "import sys; print('out of cheese'); sys.exit(7)", tmp_path)
    processes = supervisor()
    processes.start(good, deadline_seconds=10)
    with pytest.raises(ServiceError) as caught:
        processes.start(bad, deadline_seconds=10)
    for part in ("bad ended with exit code 7", "out of cheese", str(tmp_path / "bad.log")):
        assert part in str(caught.value)
    assert is_gone(pid_in(tmp_path / "good"))


def test_a_service_that_is_never_ready_is_named_after_the_deadline(tmp_path: Path) -> None:
    service = python("slow", TOUCH_AND_WAIT, tmp_path, ready=lambda: False)
    with pytest.raises(ServiceError, match=r"slow was not ready after 0\.3 s"):
        supervisor().start(service, deadline_seconds=0.3)


def test_a_program_that_does_not_exist_stops_what_was_started_before(tmp_path: Path) -> None:
    good = python("good", TOUCH_AND_WAIT, tmp_path, ready=lambda: True)
    missing = Service("absent", [str(tmp_path / "nothing")], {}, tmp_path / "absent.log", lambda: True)
    with supervisor() as processes, pytest.raises(ServiceError, match="absent cannot be started"):
        processes.start(good, missing, deadline_seconds=5)


def test_a_process_that_ignores_sigterm_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('{path}.child').write_text(str(child.pid))\n"
        "pathlib.Path('{path}').write_text(str(os.getpid())); time.sleep(60)"
    )
    service = python("stubborn", code, tmp_path)
    with supervisor() as processes:
        processes.start(Service(**{**vars(service), "stop_timeout_seconds": 0.2}), deadline_seconds=10)
    assert is_gone(pid_in(tmp_path / "stubborn"))
    assert eventually(lambda: is_gone(pid_in(tmp_path / "stubborn.child")))


def test_services_are_stopped_in_reverse_order(tmp_path: Path) -> None:
    code = (
        "import pathlib, signal, sys, time\n"
        "def stop(*_):\n    open('{path}.order', 'w').write(str(time.monotonic())); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, stop); pathlib.Path('{path}').touch(); time.sleep(60)"
    )
    with supervisor() as processes:
        for name in ("first", "second"):
            processes.start(python(name, code, tmp_path), deadline_seconds=10)
    first, second = (float((tmp_path / f"{name}.order").read_text()) for name in ("first", "second"))
    assert second < first


def test_a_dead_service_is_reported_and_started_again(tmp_path: Path) -> None:
    output = io.StringIO()
    with supervisor(output) as processes:
        processes.start(python("phoenix", TOUCH_AND_WAIT, tmp_path), deadline_seconds=10)
        first = pid_in(tmp_path / "phoenix")
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 10
        processes.supervise(until=lambda: pid_in(tmp_path / "phoenix") != first or time.monotonic() > deadline)
        assert pid_in(tmp_path / "phoenix") not in {0, first}
    assert "phoenix was ended by SIGKILL" in output.getvalue()
    assert "started again" in output.getvalue()


def test_a_run_that_needs_every_service_learns_of_a_dead_one(tmp_path: Path) -> None:
    with supervisor() as processes:
        processes.start(python("mortal", TOUCH_AND_WAIT, tmp_path), deadline_seconds=10)
        processes.raise_if_dead()
        os.kill(pid_in(tmp_path / "mortal"), signal.SIGKILL)
        assert eventually(lambda: processes.exit_code("mortal") == -signal.SIGKILL)
        with pytest.raises(ServiceError, match="mortal was ended by SIGKILL"):
            processes.raise_if_dead()


def test_waits_between_restarts_double_up_to_a_limit() -> None:
    backoff = Backoff(first_seconds=1, longest_seconds=30)
    assert [backoff.delay_seconds(failures) for failures in (1, 2, 3, 4, 5, 6, 1000)] == [1, 2, 4, 8, 16, 30, 30]
