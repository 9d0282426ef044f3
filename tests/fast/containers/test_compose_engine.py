"""Compose is found in whichever form works, and told what to do."""

from pathlib import Path

import pytest

from containers.engine import Compose, ComposeNotFoundError, find_compose


def program(folder: Path, name: str, script: str = "exit 0") -> str:
    """Put a program into a folder and return its path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_plugin_of_docker_is_preferred(tmp_path: Path) -> None:
    docker = program(tmp_path, "docker")
    program(tmp_path, "podman-compose")
    assert find_compose({"PATH": str(tmp_path)}).command == (docker, "compose")


def test_a_docker_without_the_plugin_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path, "docker", "exit 1")
    older = program(tmp_path, "docker-compose")
    assert find_compose({"PATH": str(tmp_path)}).command == (older,)


def test_podman_is_enough(tmp_path: Path) -> None:
    podman = program(tmp_path, "podman-compose")
    assert find_compose({"PATH": str(tmp_path)}).command == (podman,)


def test_a_form_can_be_named(tmp_path: Path) -> None:
    program(tmp_path, "docker")
    podman = program(tmp_path, "podman-compose")
    assert find_compose({"PATH": str(tmp_path), "COMPOSE": "podman-compose"}).command == (podman,)


def test_a_named_form_that_does_not_work_is_said(tmp_path: Path) -> None:
    program(tmp_path, "docker")
    with pytest.raises(ComposeNotFoundError, match="COMPOSE=nerdctl compose does not work"):
        find_compose({"PATH": str(tmp_path), "COMPOSE": "nerdctl compose"})


def test_a_machine_without_any_is_told_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ComposeNotFoundError, match="make demo"):
        find_compose({"PATH": str(tmp_path)})


def test_what_it_says_is_returned_and_nothing_when_it_fails(tmp_path: Path) -> None:
    assert Compose((program(tmp_path, "well", "echo an id"),)).answer("ps") == "an id\n"
    assert Compose((program(tmp_path, "ill", "echo an id; exit 1"),)).answer("ps") == ""
    assert Compose((str(tmp_path / "absent"),)).answer("ps") == ""


def test_arguments_and_exit_code_are_passed_on(tmp_path: Path) -> None:
    compose = Compose((program(tmp_path, "compose", f'echo "$@" > {tmp_path}/told; exit 7'), "first"))
    assert compose.run("up", "a service") == 7
    assert (tmp_path / "told").read_text(encoding="utf-8") == "first up a service\n"
