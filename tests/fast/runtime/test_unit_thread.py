"""Work beside the main thread: finished when it can be, left when it cannot, reported when it fails."""

import threading
import time

import pytest

from runtime.unit_thread import run_until_stopped


def _wait(event: threading.Event) -> None:
    event.wait(5)


def test_the_unit_under_way_is_finished() -> None:
    stop, finished = threading.Event(), threading.Event()

    def work(stop: threading.Event) -> None:
        stop.wait(5)
        finished.set()

    threading.Timer(0.05, stop.set).start()
    assert run_until_stopped(work, stop)
    assert finished.is_set()


def test_a_unit_that_does_not_end_is_left() -> None:
    stop, never = threading.Event(), threading.Event()
    stop.set()
    began = time.monotonic()
    assert run_until_stopped(lambda _stop: _wait(never), stop, last_unit_seconds=0.05)
    assert time.monotonic() - began < 2
    never.set()


def test_an_unforeseen_failure_ends_it_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def work(_stop: threading.Event) -> None:
        raise ZeroDivisionError

    assert not run_until_stopped(work, threading.Event())
    assert "ZeroDivisionError" in caplog.text
