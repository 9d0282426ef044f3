"""What `make up`, `down`, `restart`, `logs` and the commands about a running platform do with Compose."""

import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from containers import dotenv, secret_files, source
from containers.alertmanager import ADDRESS_VARIABLE, rendered
from containers.engine import REPOSITORY, TIMED_OUT, Compose
from containers.probe import reason_not_well
from containers.readiness import Endpoint, endpoints, wait_until_ready

ENV_FILE = REPOSITORY / ".env"
COMPOSE_FILE = REPOSITORY / "docker-compose.yml"
ALERTMANAGER_CONFIGURATION = REPOSITORY / "prometheus" / "alertmanager" / "alertmanager.yml"
DEADLINE_SECONDS = 600.0
"""A first start waits for Kafka, then Spark's JVM warms up while everything else starts beside it."""

BUILT = ("exporters", "streaming", "grafana")
"""One service of each image that is built here."""

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
    profile = _profile(variables)
    told = {source.VARIABLE: source.digest(REPOSITORY), **_defaults(variables)}
    compose = replace(compose, variables=told)
    # A container that runs has read its secrets already.
    status = _create(compose, profile, ("--force-recreate",) if changed else ())
    if status != 0:
        return status
    _say("Starting; each container waits until those it needs are well ...")
    began = time.monotonic()
    # podman-compose waits for ever for one that never gets well.
    status = compose.run(*profile, "up", "--detach", at_most_seconds=DEADLINE_SECONDS)
    if status not in {0, TIMED_OUT}:
        return status
    failed = wait_until_ready(services, DEADLINE_SECONDS - (time.monotonic() - began), _say)
    for name, reason in failed.items():
        _say(f"  {name} is not well: {reason}. Its log: make logs SERVICE={name}")
    _say(_overview(services))
    return 1 if failed else 0


def _defaults(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the defaults of variables that docker-compose.yml hands on under their own name, where they have no value.

    podman-compose 1.3 leaves such a line as it stands when nothing else has told it the value.
    """
    lines = COMPOSE_FILE.read_text(encoding="utf-8")
    own = re.findall(r"^ +(\w+): \$\{\1:-(.*)\}$", lines, re.MULTILINE)
    return {name: default for name, default in own if not variables.get(name)}


def _create(compose: Compose, profile: Sequence[str], options: Sequence[str]) -> int:
    """Build what is built, fetch what is fetched and make the containers, which takes as long as the network takes.

    One image at a time: podman-compose builds all services at once, each with a download of all packages of its own.
    """
    steps = [*(("build", service) for service in BUILT), ("up", "--no-start", *options)]
    return next((status for step in steps if (status := compose.run(*profile, *step)) != 0), 0)


def down(compose: Compose, *, with_data: bool) -> int:
    """Stop and remove every container, the model's too, and with ``with_data`` every volume."""
    return compose.run(*_OLLAMA, "down", *(("--volumes",) if with_data else ()))


def restart(compose: Compose, services: Sequence[str]) -> int:
    """Start containers again: the named ones, or all."""
    return compose.run(*_profile(known_variables(ENV_FILE)), "restart", *services)


def logs(compose: Compose, services: Sequence[str]) -> int:
    """Follow the logs of the named services, or of all."""
    return compose.run(*_profile(known_variables(ENV_FILE)), "logs", "--follow", "--tail=20", *services)


def status() -> int:
    """Print one line per service as this machine sees it; the result is 1 when one is not well."""
    reasons = {one: reason_not_well(one.port, one.path) for one in endpoints(known_variables(ENV_FILE))}
    for one, reason in reasons.items():
        _say(f"  {one.name:<14}{one.url:<24}{'up' if reason is None else f'not well: {reason}'}")
    return int(any(reasons.values()))


def execute(compose: Compose, service: str, command: Sequence[str]) -> int:
    """Run a command in the container of a service."""
    return compose.run("exec", "-T", service, *command)


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
