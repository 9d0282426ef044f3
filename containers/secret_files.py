"""The secrets: those that nobody knows yet are made, and each becomes a file for the containers that need it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from containers import dotenv
from containers.errors import ContainersError

FOLDER_VARIABLE = "SECRETS_DIR"
DEFAULT_FOLDER = "./data/secrets"
_RANDOM_BYTES = 24
_COMMENT = "Made by `make up`; a value that is here is never changed."


class SecretsError(ContainersError):
    """A secret is given twice, or its file cannot be read."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret: the variable of .env, the file of the container, and whether it is made where it is missing."""

    variable: str
    file: str
    made: bool = False

    def value(self, variables: Mapping[str, str]) -> str:
        """Return the value of the variable, or the content of the file that the variable with _FILE names; '' if none.

        Raises:
            SecretsError: there are both, or the file cannot be read.
        """
        value, path = variables.get(self.variable, ""), variables.get(f"{self.variable}_FILE", "")
        if value and path:
            raise SecretsError(f"{self.variable} and {self.variable}_FILE are both set; keep one of them")
        if not path:
            return value
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretsError(f"{self.variable}_FILE cannot be read: {error}") from error

    def is_named(self, variables: Mapping[str, str]) -> bool:
        """Whether either variable is set."""
        return bool(variables.get(self.variable) or variables.get(f"{self.variable}_FILE"))


SECRETS = (
    Secret("API_TOKEN", "api_token", made=True),
    Secret("GRAFANA_ADMIN_PASSWORD", "grafana_admin_password", made=True),
    Secret("SLACK_WEBHOOK_URL", "slack_webhook_url"),
    Secret("PAGERDUTY_ROUTING_KEY", "pagerduty_routing_key"),
    Secret("ALERT_WEBHOOK_TOKEN", "webhook_token"),
    Secret("OPENAI_API_KEY", "openai_api_key"),
)


def complete(env_file: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Make the secrets that are neither in .env nor in the environment, add them to .env, and return all variables.

    Raises:
        OSError: .env cannot be written.
    """
    made = {
        secret.variable: secrets.token_urlsafe(_RANDOM_BYTES)
        for secret in SECRETS
        if secret.made and not secret.is_named(variables)
    }
    if not variables.get(FOLDER_VARIABLE):
        made[FOLDER_VARIABLE] = DEFAULT_FOLDER
    dotenv.add(env_file, _COMMENT, made)
    return {**variables, **made}


def values(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the value of every secret by its variable; '' for one that is not set.

    Raises:
        SecretsError: one is given twice, or its file cannot be read or is empty.
    """
    found = {secret.variable: secret.value(variables) for secret in SECRETS}
    empty = [secret.variable for secret in SECRETS if secret.made and not found[secret.variable]]
    if empty:
        raise SecretsError(f"the file of {', '.join(empty)} is empty; without a password nothing is started")
    return found


def write(folder: Path, contents: Mapping[str, str]) -> bool:
    """Write files for the containers and return whether one of them changed.

    The folder is its owner's alone. Its files are readable: the users in the containers are others, and a container
    gets at a file by its mount, not through the folder. A file keeps its inode, which containers that run have mounted.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    changed = [name for name, content in contents.items() if _write(folder / name, content)]
    return bool(changed)


def _write(path: Path, content: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return False
    path.write_text(content, encoding="utf-8")
    path.chmod(0o644)
    return True
