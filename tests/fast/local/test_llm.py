"""``make llm``: what it refuses before it installs anything, what it serves, and that it leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local import llm
from local.errors import LocalError
from local.paths import REPOSITORY
from local.ports import free_ports
from local.progress import Progress

SERVER = """
import os, pathlib, socket, sys, time
pathlib.Path(sys.argv[2]).write_text(str(os.getpid()))
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    time.sleep(60)
"""
COMMAND = """
import sys
from pathlib import Path
from local import llm
llm.LOGS = Path(sys.argv[2]).parent
llm._install_and_serve = lambda given, progress: llm.serve(
    [sys.executable, "-c", sys.argv[3], *sys.argv[1:3]], Path("small.gguf"), int(sys.argv[1]), progress
)
sys.exit(llm.main([]))
"""


def test_what_is_no_gguf_file_is_refused_before_anything_is_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("not a model", encoding="utf-8")
    assert llm.main([str(tmp_path / "notes.txt")]) == 1
    assert llm.main([str(tmp_path / "missing.gguf")]) == 1
    assert llm.main([str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "is no GGUF file: make llm MODEL=" in said.err
    assert said.err.count("MODEL cannot be read") == 2
    assert said.out == ""


def test_a_taken_port_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("LLM_PORT", str(taken.getsockname()[1]))
        assert llm.main([]) == 1
    said = capsys.readouterr().err
    assert f"process {os.getpid()}" in said
    assert "make llm LLM_PORT=" in said


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "８０８９"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(LocalError, match=r"LLM_PORT is .* from 1 to 65535"):
        llm.chosen_port(text)


def test_the_next_step_is_a_line_to_copy() -> None:
    assert "LLM_BACKEND=openai OPENAI_URL=http://127.0.0.1:8089/v1 LLM_MODEL=small make demo" in llm.what_to_set(
        Path("small.gguf"), 8089
    )


def test_a_server_that_cannot_load_its_model_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(llm, "LOGS", tmp_path)
    broken = [sys.executable, "-c", "raise SystemExit('Failed to load model from file')"]
    with pytest.raises(LocalError, match=r"ended with exit code 1 while loading small.gguf(?s:.)*Failed to load model"):
        llm.serve(broken, Path("small.gguf"), free_ports(1)[0], Progress())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_server_as_well(tmp_path: Path, number: int) -> None:
    mark, port = tmp_path / "pid", free_ports(1)[0]
    command = [sys.executable, "-c", COMMAND, str(port), str(mark), SERVER]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        assert "Serving small.gguf" in next(line for line in serving.stdout if "Serving" in line)
        serving.send_signal(number)
        assert "Stopped." in serving.stdout.read()
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text(encoding="utf-8")), 0)


def test_a_server_that_ignores_the_request_to_end_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(llm, "LOGS", tmp_path)
    monkeypatch.setattr(llm, "_STOP_SECONDS", 0.1)
    monkeypatch.setattr(llm, "what_to_set", lambda *_: signal.raise_signal(signal.SIGINT))
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SERVER}"
    mark, port = tmp_path / "pid", free_ports(1)[0]
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        llm.serve([sys.executable, "-c", stubborn, str(port), str(mark)], Path("small.gguf"), port, Progress())
    assert time.monotonic() - started < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text(encoding="utf-8")), 0)
