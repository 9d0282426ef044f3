"""The start scripts of the containers, run with stand-ins for what they start."""

import fcntl
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from local.broker_configuration import server_properties
from local.paths import REPOSITORY
from tests.fast.containers.compose_file import services

CONTAINERS = REPOSITORY / "containers"
OF_THE_CONTAINER = {
    "advertised.listeners",
    "controller.quorum.voters",
    "listener.security.protocol.map",
    "listeners",
    "inter.broker.listener.name",
    "log.dirs",
}


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def properties(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.partition("=")[0]: line.partition("=")[2] for line in lines}


class Kafka:
    """The start of the broker in a folder of the test; its tools note what they are told."""

    def __init__(self, folder: Path) -> None:
        self.data, self.told, tools = folder / "data", folder / "told", folder / "bin"
        shutil.copytree(CONTAINERS / "kafka", folder / "kafka")
        self.script = folder / "kafka" / "start.sh"
        text = self.script.read_text(encoding="utf-8").replace("/tmp/", f"{folder}/")
        text = text.replace("/var/lib/kafka/data", str(self.data))
        self.script.write_text(text.replace("/opt/kafka/bin", str(tools)), encoding="utf-8")
        self.data.mkdir()
        storage = f'test "$1" = random-uuid && echo "id$$" || mkdir {self.data}/storage.unfinished'
        program(tools / "kafka-storage.sh", f'echo "$1 $2" >> {self.told}\n{storage}')
        program(tools / "kafka-server-start.sh", f'echo "start $*" >> {self.told}')

    def start(self) -> list[str]:
        """Run the script and return what the tools were told, one line a call."""
        self.told.unlink(missing_ok=True)
        subprocess.run(["bash", str(self.script)], check=True, env={**os.environ, "KAFKA_HOST_PORT": "39092"})
        return self.told.read_text(encoding="utf-8").splitlines()


def test_a_new_volume_is_formatted_with_a_random_id_and_an_old_one_is_not(tmp_path: Path) -> None:
    kafka = Kafka(tmp_path)
    first = kafka.start()
    assert first[0].startswith("random-uuid")
    assert first[1].startswith("format --cluster-id=id")
    assert len(first) == 3
    assert (kafka.data / "storage").is_dir()
    assert len(kafka.start()) == 1


def test_a_format_that_was_interrupted_is_done_again(tmp_path: Path) -> None:
    kafka = Kafka(tmp_path)
    (kafka.data / "storage.unfinished").mkdir()
    (kafka.data / "storage.unfinished" / "half").touch()
    assert len(kafka.start()) == 3
    assert list((kafka.data / "storage").iterdir()) == []


def test_the_host_is_told_the_port_that_it_sees(tmp_path: Path) -> None:
    assert (
        Kafka(tmp_path)
        .start()[-1]
        .endswith("--override advertised.listeners=INTERNAL://kafka:9092,HOST://localhost:39092")
    )


def test_the_broker_has_the_settings_of_the_demo() -> None:
    container = properties((CONTAINERS / "kafka" / "server.properties").read_text(encoding="utf-8"))
    demo = properties(server_properties(Path("/data"), 29092, 29093))
    assert {name: value for name, value in container.items() if name not in OF_THE_CONTAINER} == {
        name: value for name, value in demo.items() if name not in OF_THE_CONTAINER
    }
    assert demo.keys() < container.keys()


def check(port: int) -> int:
    """Run Kafka's health check against a port of this machine."""
    text = (CONTAINERS / "kafka" / "check.sh").read_text(encoding="utf-8").replace("/9092", f"/{port}")
    return subprocess.run(["bash", "-c", text], check=False, stderr=subprocess.DEVNULL).returncode


def test_kafka_is_well_once_it_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert check(port) == 0
    assert check(port) != 0


def test_the_health_check_of_kafka_lies_where_compose_looks_for_it() -> None:
    kafka = services()["kafka"]
    folder = {volume.split(":")[1]: volume.split(":")[0] for volume in kafka["volumes"] if volume.startswith("./")}
    place = Path(kafka["healthcheck"]["test"][-1])
    assert (REPOSITORY / folder[str(place.parent)] / place.name).is_file()


@pytest.fixture
def streaming(tmp_path: Path) -> dict[str, str]:
    """Return the environment of streaming's start; its Python notes where it was started."""
    if shutil.which("flock") is None:
        pytest.skip("flock is not installed: it comes with util-linux")
    program(tmp_path / "bin" / "python", f'pwd > {tmp_path}/started; echo "$*" >> {tmp_path}/started')
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "left").touch()
    return {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "STREAMING_STATE_DIR": str(tmp_path / "streaming"),
        "SPARK_LOCAL_DIRS": str(tmp_path / "scratch"),
    }


def start_streaming(environment: dict[str, str]) -> None:
    subprocess.run(["sh", str(CONTAINERS / "streaming" / "start.sh")], check=True, env=environment)


def test_streaming_starts_in_an_empty_folder_of_its_own(streaming: dict[str, str], tmp_path: Path) -> None:
    start_streaming(streaming)
    assert (tmp_path / "started").read_text(encoding="utf-8") == f"{tmp_path}/scratch\n-m streaming\n"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_files_of_a_driver_that_lives_stay(streaming: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "streaming").mkdir()
    with (tmp_path / "streaming" / "driver.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        start_streaming(streaming)
    assert (tmp_path / "scratch" / "left").exists()
