import io
import subprocess
import threading

import pytest

from local.commands import CommandFailedError, run_logged
from local.paths import REPOSITORY
from local.progress import Progress
from local.steps import Step, run_steps


def test_steps_run_side_by_side_and_each_reports_its_outcome() -> None:
    meeting = threading.Barrier(2, timeout=5)
    output = io.StringIO()
    steps = [Step(name, lambda: False, lambda: f"met {meeting.wait() >= 0}") for name in ("one", "two")]
    run_steps(steps, Progress(output))
    lines = output.getvalue().splitlines()
    assert sorted(line.split()[0] for line in lines) == ["one", "two"]
    assert all(line.endswith(" s  met True") for line in lines)


def test_a_failing_step_is_raised_after_the_others_have_ended() -> None:
    ended = []
    failing = Step("bad", lambda: False, lambda: str(1 // 0))
    good = Step("good", lambda: False, lambda: ended.append("good") or "done")  # type: ignore[func-returns-value]
    output = io.StringIO()
    with pytest.raises(ZeroDivisionError):
        run_steps([failing, good], Progress(output))
    assert ended == ["good"]
    assert "failed" in output.getvalue()


def test_a_failing_command_is_explained_by_the_end_of_its_output(tmp_path_factory: pytest.TempPathFactory) -> None:
    log_path = tmp_path_factory.mktemp("logs") / "x.log"
    with pytest.raises(CommandFailedError) as caught:
        run_logged(["/bin/sh", "-c", "echo no network; exit 3"], log_path, "fetching jars")
    text = str(caught.value)
    assert "fetching jars failed" in text
    assert "exit code 3" in text
    assert "no network" in text
    assert str(log_path) in text


def test_progress_off_a_terminal_has_no_control_characters() -> None:
    output = io.StringIO()
    progress = Progress(output)
    progress.moving("busy")
    progress.line("done")
    progress.clear()
    assert output.getvalue() == "done\n"


def test_make_without_a_target_lists_every_target() -> None:
    listed = subprocess.run(["make", "-C", str(REPOSITORY)], capture_output=True, text=True, check=True).stdout
    for target in ("setup", "replay", "test", "lint", "clean"):
        assert f"make {target} " in listed
