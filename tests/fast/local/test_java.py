from pathlib import Path

import pytest

from local.java import JavaNotFoundError, find_java, probe


def install(root: Path, folder: str, version: str) -> Path:
    home = root / folder
    executable = home / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text(
        f"#!/bin/sh\necho '    java.home = {home}' >&2\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n"
    )
    executable.chmod(0o755)
    return home


def everywhere(root: Path) -> list[str]:
    return [f"{root}/*/bin/java"]


def test_java_home_wins_when_it_is_supported(tmp_path: Path) -> None:
    home = install(tmp_path, "a", "17.0.15")
    install(tmp_path, "b", "21.0.2")
    found = find_java({"JAVA_HOME": str(home), "PATH": ""}, everywhere(tmp_path))
    assert (found.major, found.home) == (17, home)


def test_the_newest_supported_java_is_preferred(tmp_path: Path) -> None:
    for folder, version in (("a", "21.0.2"), ("b", "17.0.15"), ("c", "25"), ("d", "1.8.0_392")):
        install(tmp_path, folder, version)
    assert find_java({"PATH": ""}, everywhere(tmp_path)).home == tmp_path / "a"


def test_java_home_is_passed_over_when_it_is_too_new(tmp_path: Path) -> None:
    too_new = install(tmp_path / "home", "new", "25.0.1")
    install(tmp_path, "b", "17.0.15")
    assert find_java({"JAVA_HOME": str(too_new), "PATH": ""}, everywhere(tmp_path)).major == 17


def test_java_on_the_path_is_found(tmp_path: Path) -> None:
    home = install(tmp_path, "a", "21")
    assert find_java({"PATH": str(home / "bin")}, []).executable == home / "bin" / "java"


def test_without_a_supported_java_the_error_names_what_was_found_and_what_to_install(tmp_path: Path) -> None:
    home = install(tmp_path, "new", "25.0.1")
    with pytest.raises(JavaNotFoundError) as caught:
        find_java({"PATH": ""}, everywhere(tmp_path))
    text = str(caught.value)
    assert f"25 ({home}/bin/java)" in text
    for advice in ("17 or 21", "apt-get install openjdk-17", "dnf install", "brew install", "JAVA_HOME"):
        assert advice in text


def test_a_program_that_is_no_java_is_passed_over(tmp_path: Path) -> None:
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    assert probe(program) is None
    assert probe(tmp_path / "missing") is None
