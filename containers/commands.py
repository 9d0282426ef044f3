"""What `make up`, `down`, `restart`, `logs` and the commands about a running platform do with Compose."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from containers import dotenv, secret_files
from containers.alertmanager import ADDRESS_VARIABLE, rendered
from containers.engine import REPOSITORY, Compose
from containers.readiness import Endpoint, endpoints, wait_until_ready

ENV_FILE = REPOSITORY / ".env"
ALERTMANAGER_CONFIGURATION = REPOSITORY / "prometheus" / "alertmanager" / "alertmanager.yml"
DEADLINE_SECONDS = 600.0
"""A first start waits for Kafka, then Spark's JVM warms up while everything else starts beside it."""

_OLLAMA = ("--profile", "ollama")


def known_variables(env_file: Path) -> dict[str, str]:
    """Return what Compose will know: the environment, and .env where that says nothing.

    Raises:
        OSError: .env cannot be read.
    """
    return {**dotenv.read(env_file), **{name: value for name, value in os.environ.items() if value}}


def prepare(env_file: Path, variables: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """Make what is missing in .env and write the files of the secrets.

    Returns:
        All variables, and whether a file changed.

    Raises:
        ContainersError: a setting is wrong; the text says which.
        OSError: a file cannot be written.
    """
    complete = secret_files.complete(env_file, variables)
    values = secret_files.values(complete)
    known = {**values, ADDRESS_VARIABLE: complete.get(ADDRESS_VARIABLE, "")}
    shipped = ALERTMANAGER_CONFIGURATION.read_text(encoding="utf-8")
    contents = {secret.file: values[secret.variable] for secret in secret_files.SECRETS}
    contents["alertmanager.yml"] = rendered(shipped, {name: value for name, value in known.items() if value})
    folder = REPOSITORY / complete[secret_files.FOLDER_VARIABLE]
    return complete, secret_files.write(folder, contents)


def up(compose: Compose) -> int:
    """Start everything, wait until it is well and say where it is; the result is the exit code."""
    variables, changed = prepare(ENV_FILE, known_variables(ENV_FILE))
    services = endpoints(variables)
    # A container that runs has read its secrets already.
    recreate = ("--force-recreate",) if changed else ()
    status = compose.run(*_profile(variables), "up", "--detach", "--build", *recreate)
    if status != 0:
        return status
    _say("The containers run; waiting until they are well ...")
    failed = wait_until_ready(services, DEADLINE_SECONDS, _say)
    for name, reason in failed.items():
        _say(f"  {name} is not well: {reason}. Its log: make logs SERVICE={name}")
    _say(_overview(services))
    return 1 if failed else 0


def down(compose: Compose, *, with_data: bool) -> int:
    """Stop and remove every container, the model's too, and with ``with_data`` every volume."""
    return compose.run(*_OLLAMA, "down", *(("--volumes",) if with_data else ()))


def restart(compose: Compose, services: Sequence[str]) -> int:
    """Start containers again: the named ones, or all."""
    return compose.run(*_profile(known_variables(ENV_FILE)), "restart", *services)


def logs(compose: Compose, services: Sequence[str]) -> int:
    """Follow the logs of the named services, or of all."""
    return compose.run(*_profile(known_variables(ENV_FILE)), "logs", "--follow", "--tail=20", *services)


def execute(compose: Compose, service: str, command: Sequence[str]) -> int:
    """Run a command in the container of a service."""
    return compose.run("exec", "-T", service, *command)


def was_up() -> bool:
    """Whether `make up` ever ran in this checkout; before, there is nothing to ask Compose about."""
    return secret_files.FOLDER_VARIABLE in known_variables(ENV_FILE)


def is_running(compose: Compose) -> bool:
    """Whether there are containers of this checkout."""
    return bool(compose.answer("ps", "-q").strip())


def _profile(variables: Mapping[str, str]) -> tuple[str, ...]:
    return _OLLAMA if variables.get("LLM_BACKEND") == "ollama" else ()


def _overview(services: Sequence[Endpoint]) -> str:
    lines = [f"  {one.name:<14}{one.url:<24}{one.about}" for one in services]
    return "\n".join(
        ["", *lines, "", "Grafana: user admin, password GRAFANA_ADMIN_PASSWORD in .env. `make down` stops everything."]
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
