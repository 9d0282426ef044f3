"""``make replay`` as the README shows it: the sample through a whole stack, and nothing left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import REPOSITORY


def replay(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.replay", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=200, check=False)


def stacks() -> set[Path]:
    return set((REPOSITORY / "data" / "replays").glob("*"))


def processes_of(folder: Path) -> list[str]:
    commands = (path.read_bytes().decode(errors="replace") for path in Path("/proc").glob("[0-9]*/cmdline"))
    return [command for command in commands if str(folder) in command]


@pytest.mark.timeout(240)
def test_the_sample_is_replayed_and_the_books_balance() -> None:
    before = stacks()
    ended = replay()
    assert ended.returncode == 0, ended.stderr
    assert "events        60,000" in ended.stdout
    assert "the books balance" in ended.stdout
    assert stacks() == before
    assert not processes_of(REPOSITORY / "data" / "replays")


def test_a_file_that_is_none_is_named_before_anything_starts() -> None:
    ended = replay("nowhere.csv")
    assert ended.returncode == 1
    assert "nowhere.csv" in ended.stderr
