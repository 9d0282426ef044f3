"""Secrets reach the containers as files, each only those containers that need it, and none has a default."""

import re

from containers.alertmanager import rendered
from containers.commands import ALERTMANAGER_CONFIGURATION
from containers.secret_files import FOLDER_VARIABLE, SECRETS
from tests.fast.containers.compose_file import COMPOSE_FILE, compose, services

SECRET_NAME = re.compile(r"TOKEN|PASSWORD|SECRET|KEY")


def given(name: str) -> set[str]:
    return {secret if isinstance(secret, str) else secret["source"] for secret in services()[name].get("secrets", [])}


def test_each_secret_goes_to_those_who_need_it() -> None:
    for_alerts = {"alertmanager.yml", "slack_webhook_url", "pagerduty_routing_key", "webhook_token"}
    wanted = {
        "exporters": {"api_token"},
        "narrator": {"openai_api_key"},
        "prometheus": {"api_token"},
        "history": {"api_token"},
        "grafana": {"api_token", "grafana_admin_password"},
        "alertmanager": for_alerts,
    }
    assert {name: given(name) for name in services() if given(name)} == wanted


def test_every_file_is_one_that_make_up_writes() -> None:
    written = {secret.file for secret in SECRETS} | {"alertmanager.yml"}
    assert compose()["secrets"].keys() == written
    for name, secret in compose()["secrets"].items():
        assert re.fullmatch(rf"\$\{{{FOLDER_VARIABLE}:\?[^}}]+\}}/{re.escape(name)}", secret["file"])


def test_no_secret_is_a_variable_of_a_container() -> None:
    named = {variable for service in services().values() for variable in service.get("environment", {})}
    secret = {variable for variable in named if SECRET_NAME.search(variable)}
    assert secret
    assert all(variable.endswith("_FILE") for variable in secret)


def test_no_secret_is_put_into_the_text_of_the_file() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE_FILE.read_text(encoding="utf-8")))
    assert not used & {secret.variable for secret in SECRETS}


def test_variables_that_name_a_secrets_file_name_one_that_is_mounted() -> None:
    for name, service in services().items():
        files = {value for variable, value in service.get("environment", {}).items() if variable.endswith("_FILE")}
        assert {file.removeprefix("/run/secrets/") for file in files} <= given(name)


def test_alertmanager_gets_every_file_that_its_receivers_read() -> None:
    configuration = rendered(ALERTMANAGER_CONFIGURATION.read_text(encoding="utf-8"), {})
    assert set(re.findall(r"_file: /run/secrets/(\S+)", configuration)) == given("alertmanager") - {"alertmanager.yml"}
