"""What ``make llm`` installs: pinned, for this processor, wholly or not at all."""

import signal
import threading
from pathlib import Path

import pytest

from local import llm_installation
from local.errors import LocalError
from local.llm_installation import LlmError
from local.progress import Progress


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment of the test's own whose pip is a shell script."""
    monkeypatch.setattr(llm_installation, "ENVIRONMENT", tmp_path / "llm")
    monkeypatch.setattr(llm_installation, "_STAMP", tmp_path / "llm" / "installed")
    monkeypatch.setattr(llm_installation, "LOG", tmp_path / "packages.log")
    monkeypatch.setattr(llm_installation, "run_logged", lambda *_: (tmp_path / "llm").mkdir())
    monkeypatch.setattr(llm_installation, "python", lambda: tmp_path / "pip")
    return tmp_path


def pip_does(place: Path, script: str) -> None:
    (place / "pip").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (place / "pip").chmod(0o755)


def test_an_installation_is_made_once(place: Path) -> None:
    assert not llm_installation.is_installed()
    pip_does(place, 'echo "$CMAKE_ARGS"; touch "$TMPDIR/object"')
    llm_installation.install(Progress())
    assert llm_installation.is_installed()
    assert "-DGGML_NATIVE=OFF" in (place / "packages.log").read_text(encoding="utf-8")
    assert list((place / "llm").iterdir()) == [place / "llm" / "installed"]


def test_an_installation_of_other_versions_or_for_another_processor_is_none(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip_does(place, "true")
    llm_installation.install(Progress())
    monkeypatch.setattr(llm_installation, "PACKAGES", ("llama-cpp-python[server]==0.0.1",))
    assert not llm_installation.is_installed()
    monkeypatch.undo()
    (place / "cpuinfo").write_text("flags : sse4_2\n", encoding="utf-8")
    monkeypatch.setattr(llm_installation, "_STAMP", place / "llm" / "installed")
    monkeypatch.setattr(llm_installation, "_CPUINFO", place / "cpuinfo")
    assert not llm_installation.is_installed()


def test_a_build_that_fails_is_quoted_and_nothing_counts_as_installed(place: Path) -> None:
    pip_does(place, "echo no space left on device; exit 1")
    with pytest.raises(LocalError, match=r"ended with exit code 1(?s:.)*no space left(?s:.)*Running it again is safe"):
        llm_installation.install(Progress())
    assert not llm_installation.is_installed()
    assert not (place / "llm" / "building").exists()


def test_an_interruption_ends_the_compilers_of_the_build(place: Path) -> None:
    pip_does(place, f'sleep 60 & echo $! > {place}/compiler; kill -INT "$PPID"; wait')
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            llm_installation.install(Progress())
    finally:
        signal.signal(signal.SIGINT, previous)
    assert not llm_installation.is_installed()
    assert ended(int((place / "compiler").read_text(encoding="utf-8")))


def ended(pid: int) -> bool:
    """Whether a process is gone, or waits for whoever inherited it; given some seconds, as its end is not ours."""
    state = Path(f"/proc/{pid}/stat")
    pause = threading.Event()
    for _ in range(100):
        if not state.exists() or state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return True
        pause.wait(0.05)
    return False


def test_without_a_compiler_the_way_to_one_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(LlmError, match=r"needs a C\+\+ compiler.*apt-get install g\+\+"):
        llm_installation.install(Progress())


def test_a_processor_gets_no_instructions_that_it_lacks() -> None:
    old = llm_installation.build_options("processor : 0\nflags\t\t: fpu sse4_2 avx f16c\nbugs :\n")
    assert "-DGGML_AVX=ON" in old
    assert "-DGGML_AVX2=OFF" in old
    assert "AVX512" not in llm_installation.build_options("flags : avx avx2 fma avx512f")
    assert "AVX" not in llm_installation.build_options("Features : fp asimd")


def test_a_model_that_is_gone_is_a_clear_message(place: Path) -> None:
    (place / "llm" / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    with pytest.raises(LlmError, match="run `make llm` again"):
        llm_installation.shipped_model()


def test_versions_are_pinned() -> None:
    assert all("==" in package for package in llm_installation.PACKAGES)
