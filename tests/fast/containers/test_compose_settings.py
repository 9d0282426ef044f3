"""What the containers tell our services are settings of theirs, all of them, and valid."""

import re

import pytest

from contracts.settings import KafkaSettings, Settings, settings_table
from detector.settings import DetectorSettings
from exporters.settings import ExportersSettings
from generator.settings import GeneratorSettings
from narrator.settings import NarratorSettings
from streaming.settings import StreamingSettings
from tests.fast.containers.compose_file import services

OURS: dict[str, type[Settings]] = {
    "topics": KafkaSettings,
    "streaming": StreamingSettings,
    "exporters": ExportersSettings,
    "detector": DetectorSettings,
    "narrator": NarratorSettings,
    "generator": GeneratorSettings,
}
SECRET_FILES = {"API_TOKEN_FILE", "OPENAI_API_KEY_FILE"}
"""Handed over instead of the variables without _FILE."""

each_of_ours = pytest.mark.parametrize("name", OURS)


def environment(name: str) -> dict[str, str | None]:
    found: dict[str, str | None] = services()[name]["environment"]
    return found


def variables(name: str) -> set[str]:
    return {variable for variable, _, _ in settings_table(OURS[name])}


@each_of_ours
def test_every_variable_is_a_setting_of_the_service(name: str) -> None:
    assert environment(name).keys() <= variables(name)


@each_of_ours
def test_every_setting_is_given_or_passed_on(name: str) -> None:
    by_file = {variable.removesuffix("_FILE") for variable in SECRET_FILES}
    assert variables(name) - environment(name).keys() <= by_file


@each_of_ours
def test_what_the_containers_are_told_is_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in environment(name).items():
        if value is not None and variable not in SECRET_FILES:
            monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-(.*)\}", r"\1", value))
    settings = OURS[name].from_environment()
    assert settings.model_dump()["kafka_broker"] == "kafka:9092"


@pytest.mark.parametrize("name", services())
def test_values_are_text_because_podman_compose_puts_them_into_other_values(name: str) -> None:
    values = services()[name].get("environment", {}).values()
    assert all(value is None or isinstance(value, str) for value in values)


@pytest.mark.parametrize("name", [name for name in OURS if name != "topics"])
def test_a_service_is_published_and_checked_where_it_listens(name: str) -> None:
    port = environment(name)[f"{name.upper()}_PORT"]
    service = services()[name]
    assert service["healthcheck"]["test"] == ["CMD", "python", "-m", "containers.probe", port]
    assert service["ports"] == [f"127.0.0.1:${{{name.upper()}_PORT:-{port}}}:{port}"]
    assert environment(name)["HTTP_HOST"] == "0.0.0.0"


@pytest.mark.parametrize("name", ["streaming", "detector", "narrator", "generator"])
def test_the_exporters_ask_each_service_where_it_listens(name: str) -> None:
    port = environment(name)[f"{name.upper()}_PORT"]
    assert environment("exporters")[f"{name.upper()}_URL"] == f"http://{name}:{port}"


@pytest.mark.parametrize("name", [name for name in OURS if name != "topics"])
def test_state_lies_on_the_volume(name: str) -> None:
    kept = [
        variable for variable in environment(name) if variable.endswith(("_DIR", "_PATH")) and "JARS" not in variable
    ]
    assert kept
    assert all((environment(name)[variable] or "").startswith("/data") for variable in kept)
    assert services()[name]["volumes"] == [f"{name}:/data"]
