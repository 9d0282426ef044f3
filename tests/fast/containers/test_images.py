"""The images: pinned, without root, without secrets, Java only for Spark; and what they are asked to run exists."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from local.jars import BROKER
from local.paths import REPOSITORY
from tests.fast.containers.compose_file import services

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
GRAFANA_DOCKERFILE = (REPOSITORY / "containers" / "grafana" / "Dockerfile").read_text(encoding="utf-8")
STAGE = re.compile(r"^FROM (\S+)(?: AS (\S+))?$(.*?)(?=^FROM |\Z)", re.MULTILINE | re.DOTALL)
STAGES: dict[str, tuple[str, str]] = {name: (base, body) for base, name, body in STAGE.findall(DOCKERFILE)}
BUILT = [service["build"]["target"] for service in services().values() if isinstance(service.get("build"), dict)]


def lineage(target: str) -> str:
    """Return all instructions that a target consists of, without those of stages that it only copies from."""
    base, body = STAGES[target]
    return (lineage(base) if base in STAGES else "") + body


def test_the_targets_of_compose_are_stages() -> None:
    assert set(BUILT) == {"service", "streaming"}
    assert all(target in STAGES for target in BUILT)


def test_bases_are_pinned_by_version() -> None:
    bases = {base for base, _ in STAGES.values()} - STAGES.keys()
    assert len(bases) == 1
    assert re.fullmatch(r"docker\.io/library/python:3\.11\.\d+-slim-bookworm", bases.pop())
    assert re.search(r"^FROM docker\.io/grafana/grafana:\d+\.\d+\.\d+$", GRAFANA_DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("target", sorted(set(BUILT)))
def test_the_last_user_is_a_fixed_one_without_rights(target: str) -> None:
    assert re.findall(r"^USER (.*)$", lineage(target), re.MULTILINE)[-1] == "10001:10001"


def test_grafana_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (.*)$", GRAFANA_DOCKERFILE, re.MULTILINE)[-1] == "472"


def test_java_and_spark_are_in_the_image_of_streaming_alone() -> None:
    assert "openjdk-17-jre-headless" in lineage("streaming")
    assert "openjdk" not in lineage("service")
    assert "--from=packages-without-spark" in lineage("service")
    assert "pip uninstall --disable-pip-version-check --yes pyspark py4j" in STAGES["packages-without-spark"][1]
    assert services()["streaming"]["build"]["target"] == "streaming"


def test_packages_are_those_of_the_lock_file_by_hash() -> None:
    assert "--require-hashes -r requirements.txt" in STAGES["packages"][1]


def test_no_layer_is_told_a_secret() -> None:
    told = re.findall(r"^\s*(?:ARG|ENV)? *([A-Z_]+)=", DOCKERFILE + GRAFANA_DOCKERFILE, re.MULTILINE)
    assert told
    assert not [name for name in told if re.search("TOKEN|PASSWORD|SECRET|KEY", name)]


def test_what_the_jars_are_fetched_with_is_enough_and_nothing_else_of_ours_is_there(tmp_path: Path) -> None:
    copies = re.findall(r"^COPY (local/.+) (\S+)$", STAGES["jars"][1], re.MULTILINE)
    for sources, target in copies:
        for source in sources.split():
            place = tmp_path / target / ("" if (REPOSITORY / source).is_dir() else Path(source).name)
            place.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (REPOSITORY / source).is_dir() else shutil.copy)(REPOSITORY / source, place)
    (imports,) = re.findall(r'python -c "(.*); fetch', STAGES["jars"][1])
    subprocess.run([sys.executable, "-c", imports], cwd=tmp_path, check=True, env={"PYTHONPATH": str(tmp_path)})
    assert "COPY . ." not in STAGES["jars"][1]


def test_only_named_folders_get_into_an_image() -> None:
    rules = [line for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    assert all((REPOSITORY / name).exists() for name in allowed)
    assert not {name for name in allowed if name.startswith(".")}
    assert "data" not in allowed


def test_our_images_have_the_version_of_the_project() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {service["image"].rpartition(":")[2] for service in services().values() if "build" in service} == {version}


def test_the_plugin_of_grafana_is_pinned() -> None:
    assert re.search(
        r"plugins install yesoreyeram-infinity-datasource \d+\.\d+\.\d+$", GRAFANA_DOCKERFILE, re.MULTILINE
    )


def test_the_broker_is_the_release_of_the_demo() -> None:
    (kafka,) = [jar for jar in BROKER.jars() if jar.module == "kafka_2.13"]
    assert services()["kafka"]["image"] == f"docker.io/apache/kafka:{kafka.revision}"


@pytest.mark.parametrize("name", [name for name, service in services().items() if "build" in service])
def test_what_a_container_runs_exists(name: str) -> None:
    command = services()[name].get("command", [])
    if "-m" in command:
        assert importlib.util.find_spec(command[command.index("-m") + 1]) is not None
    scripts = [part.removeprefix("/app/") for part in command if part.endswith(".sh")]
    assert all((REPOSITORY / script).is_file() for script in scripts)
