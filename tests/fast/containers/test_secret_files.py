"""Secrets are made once, never changed, and become files that the containers can read and nobody else."""

from pathlib import Path

import pytest

from containers import dotenv, secret_files
from containers.secret_files import SecretsError


def test_what_is_missing_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    first = secret_files.complete(file, {})
    assert dotenv.read(file) == first
    text = file.read_text(encoding="utf-8")
    assert secret_files.complete(file, dotenv.read(file)) == first
    assert file.read_text(encoding="utf-8") == text


def test_two_checkouts_have_different_secrets_that_nobody_guesses(tmp_path: Path) -> None:
    one, other = (secret_files.complete(tmp_path / name, {}) for name in ("one", "other"))
    for variable in ("API_TOKEN", "GRAFANA_ADMIN_PASSWORD"):
        assert one[variable] != other[variable]
        assert len(one[variable]) >= 32


def test_a_chosen_value_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("GRAFANA_ADMIN_PASSWORD=chosen\n", encoding="utf-8")
    secret_files.complete(file, dotenv.read(file))
    assert dotenv.read(file)["GRAFANA_ADMIN_PASSWORD"] == "chosen"
    assert "API_TOKEN" in dotenv.read(file)


def test_a_secret_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file\n", encoding="utf-8")
    variables = secret_files.complete(tmp_path / ".env", {"API_TOKEN_FILE": str(tmp_path / "token")})
    assert "API_TOKEN" not in variables
    assert secret_files.values(variables)["API_TOKEN"] == "from a file"


def test_a_secret_that_is_given_twice_is_refused() -> None:
    with pytest.raises(SecretsError, match="API_TOKEN and API_TOKEN_FILE"):
        secret_files.values({"API_TOKEN": "a", "API_TOKEN_FILE": "b"})


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match=r"SLACK_WEBHOOK_URL_FILE cannot be read.*absent"):
        secret_files.values({"SLACK_WEBHOOK_URL_FILE": str(tmp_path / "absent")})


def test_an_empty_password_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    variables = {"API_TOKEN": "a", "GRAFANA_ADMIN_PASSWORD_FILE": str(tmp_path / "empty")}
    with pytest.raises(SecretsError, match="GRAFANA_ADMIN_PASSWORD is empty"):
        secret_files.values(variables)


def test_users_of_containers_read_the_files_and_nobody_else_gets_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "secrets"
    secret_files.write(folder, {"api_token": "a", "slack_webhook_url": ""})
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "api_token": 0o644,
        "slack_webhook_url": 0o644,
    }


def test_only_a_change_is_a_change_and_it_reaches_containers_that_run(tmp_path: Path) -> None:
    assert secret_files.write(tmp_path, {"api_token": "a"}) is True
    inode = (tmp_path / "api_token").stat().st_ino
    assert secret_files.write(tmp_path, {"api_token": "a"}) is False
    assert secret_files.write(tmp_path, {"api_token": "b"}) is True
    assert (tmp_path / "api_token").read_text(encoding="utf-8") == "b"
    assert (tmp_path / "api_token").stat().st_ino == inode
