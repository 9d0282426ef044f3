"""Every container of docker-compose.yml is limited, hardened, pinned, checked, and reachable from this machine only."""

import re
from typing import Any

import pytest

from tests.fast.containers.compose_file import compose, services

ONCE = {"topics", "history", "ollama-model"}
"""What runs to its end: nothing is left whose health could be asked for."""

SERVICES = list(services().items())
every_service = pytest.mark.parametrize(("name", "service"), SERVICES, ids=[name for name, _ in SERVICES])


@every_service
def test_the_root_file_system_is_read_only(name: str, service: dict[str, Any]) -> None:
    assert service["read_only"] is True, name
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])


@every_service
def test_no_capability_is_left_and_none_can_be_gained(name: str, service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"], name
    assert service["security_opt"] == ["no-new-privileges"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & service.keys()


@every_service
def test_the_image_has_a_registry_and_a_version_or_is_built_here(name: str, service: dict[str, Any]) -> None:
    pattern = r"observability-\w+:\d+\.\d+\.\d+" if "build" in service else r"docker\.io/[\w/-]+:v?\d+\.\d+\.\d+"
    assert re.fullmatch(pattern, service["image"]), name


@every_service
def test_ports_are_on_the_loopback_interface(name: str, service: dict[str, Any]) -> None:
    for port in service.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+_PORT:-(\d+)\}:\1", port), name


@every_service
def test_it_has_a_health_check_unless_it_runs_once(name: str, service: dict[str, Any]) -> None:
    check = service["healthcheck"]
    if name in ONCE:
        assert check == {"disable": True}
    else:
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


@every_service
def test_the_words_of_a_health_check_survive_a_shell_because_podman_compose_before_1_5_asks_two(
    name: str, service: dict[str, Any]
) -> None:
    assert all(re.fullmatch(r"[\w./:-]+", word) for word in service["healthcheck"].get("test", [])), name


@every_service
def test_what_ends_by_itself_is_started_again(name: str, service: dict[str, Any]) -> None:
    assert service["restart"] == ("on-failure" if name in ONCE else "unless-stopped")


@every_service
def test_a_start_waits_for_health_and_for_nothing_that_ends(name: str, service: dict[str, Any]) -> None:
    for other, how in service.get("depends_on", {}).items():
        assert how == {"condition": "service_healthy"}, name
        assert other not in ONCE


@every_service
def test_host_folders_are_mounted_read_only_and_the_rest_are_named_volumes(name: str, service: dict[str, Any]) -> None:
    volumes = compose()["volumes"]
    for volume in service.get("volumes", []):
        source, _, *options = volume.split(":")
        assert options == ["ro,z"] if source.startswith("./") else source in volumes, f"{name}: {volume}"


@every_service
def test_one_volume_belongs_to_one_service(name: str, service: dict[str, Any]) -> None:
    named = {volume.partition(":")[0] for volume in service.get("volumes", []) if not volume.startswith("./")}
    assert named <= {name}


def test_the_core_has_at_most_four_gigabytes() -> None:
    limits = {name: service["mem_limit"] for name, service in SERVICES if "profiles" not in service}
    assert all(re.fullmatch(r"\d+m", limit) for limit in limits.values())
    core = {name: int(limit[:-1]) for name, limit in limits.items()}
    # Topics are made before anything starts that the history waits for: of the two, one runs at a time.
    core["once"] = max(core.pop(name) for name in ONCE & core.keys())
    assert sum(core.values()) * 2**20 <= 4 * 10**9


def test_only_the_model_has_a_profile_and_it_is_limited_too() -> None:
    optional = {name: service["mem_limit"] for name, service in SERVICES if "profiles" in service}
    assert optional == {"ollama": "${OLLAMA_MEMORY:-6g}", "ollama-model": "256m"}


def test_no_version_stands_in_the_file_so_that_all_three_forms_of_compose_read_the_same() -> None:
    assert {"version", "name"} & compose().keys() == set()
