"""Resident memory of a process with what it started."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.memory import resident_bytes

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc")


def test_a_child_is_counted_with_its_parent() -> None:
    program = "import sys; block = b'x' * 50_000_000; print(flush=True); sys.stdin.read()"
    before = resident_bytes() or 0
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert (resident_bytes() or 0) - before > 45_000_000
        assert 45_000_000 < (resident_bytes(child.pid) or 0) < (resident_bytes() or 0)
        child.communicate()


def test_a_process_that_ended_takes_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert resident_bytes(ended.pid) == 0
