"""One driver per checkpoint, and no JVM that outlives its driver."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming.driver_lock import CheckpointInUseError, DriverLock


@pytest.fixture
def predecessor(tmp_path: Path) -> Iterator[DriverLock]:
    lock = DriverLock(tmp_path)
    lock.acquire(1)
    yield lock
    lock.release()


def jvm_of(lock: DriverLock) -> subprocess.Popen[bytes]:
    """A process that stands for the JVM: own group, inherited lock, and deaf to the end of its driver."""
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = subprocess.Popen(sleeper, start_new_session=True, pass_fds=(lock.jvm_fd,))
    lock.record_jvm(process.pid)
    return process


def test_a_second_driver_is_refused(predecessor: DriverLock, tmp_path: Path) -> None:
    with pytest.raises(CheckpointInUseError, match="another streaming process"):
        DriverLock(tmp_path).acquire(1)


def test_a_jvm_that_outlived_its_driver_is_ended_first(tmp_path: Path) -> None:
    dead = DriverLock(tmp_path)
    dead.acquire(1)
    with jvm_of(dead) as jvm:
        dead.release()
        DriverLock(tmp_path).acquire(5)
        assert jvm.wait(5) == -9


def test_a_jvm_that_cannot_be_ended_is_named(tmp_path: Path) -> None:
    dead = DriverLock(tmp_path)
    dead.acquire(1)
    with jvm_of(dead) as jvm:
        os.ftruncate(dead.jvm_fd, 0)
        dead.release()
        with pytest.raises(CheckpointInUseError, match="end it by hand"):
            DriverLock(tmp_path).acquire(0.2)
        jvm.kill()


def test_after_release_the_next_driver_starts_at_once(tmp_path: Path) -> None:
    first = DriverLock(tmp_path)
    first.acquire(0)
    first.release()
    DriverLock(tmp_path).acquire(0)
