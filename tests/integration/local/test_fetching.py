import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from local import virtual_environment
from local.jars import BROKER, JarSet, JarsUnavailableError, fetch
from local.jars.jar_list import Jar, sha256_of, write_list
from local.java import find_java
from local.paths import REPOSITORY

SMALL = "jspecify"


@pytest.fixture
def pyspark_home() -> Path:
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.fixture
def jar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Jar:
    """One small jar of the broker, in a repository of its own that is the mirror; the set is empty so far."""
    jar = next(jar for jar in BROKER.jars() if jar.module == SMALL)
    in_repository = tmp_path / "repository" / jar.organisation.replace(".", "/") / jar.module / jar.revision
    in_repository.mkdir(parents=True)
    shutil.copy(BROKER.directory / jar.file_name, in_repository)
    monkeypatch.setenv("MAVEN_MIRROR_URL", (tmp_path / "repository").as_uri())
    monkeypatch.setenv("JARS_DIR", str(tmp_path / "jars"))
    return jar


class SmallSet(JarSet):
    @property
    def list_path(self) -> Path:
        return self.directory.parent / "small.sha256"


@pytest.fixture
def small_set(jar: Jar) -> JarSet:
    small_set = SmallSet("small")
    small_set.directory.mkdir(parents=True)
    write_list(small_set.list_path, [jar])
    return small_set


def test_a_missing_and_a_truncated_jar_are_fetched(small_set: JarSet, jar: Jar, pyspark_home: Path) -> None:
    assert small_set.faulty() == [jar]
    fetch(small_set, find_java(), pyspark_home)
    assert small_set.faulty() == []
    path = small_set.directory / jar.file_name
    path.write_bytes(path.read_bytes()[:100])
    fetch(small_set, find_java(), pyspark_home)
    assert sha256_of(path) == jar.sha256


def test_a_foreign_jar_is_named_and_never_moved_in(small_set: JarSet, jar: Jar, pyspark_home: Path) -> None:
    write_list(small_set.list_path, [Jar(jar.organisation, jar.module, jar.revision, "0" * 64)])
    with pytest.raises(JarsUnavailableError, match=f"{jar.coordinates}: SHA-256 is {jar.sha256}"):
        fetch(small_set, find_java(), pyspark_home)
    assert list(small_set.directory.iterdir()) == []


def test_a_jar_that_no_repository_has_is_named(small_set: JarSet, pyspark_home: Path) -> None:
    write_list(small_set.list_path, [Jar("org.example", "absent", "1", "0" * 64)])
    with pytest.raises(JarsUnavailableError, match=r"(?s)org\.example#absent;1.*MAVEN_MIRROR_URL"):
        fetch(small_set, find_java(), pyspark_home)


@pytest.mark.skipif(not virtual_environment.is_installed(), reason="set up with something other than `make setup`")
def test_setting_up_again_takes_less_than_two_seconds_and_does_nothing() -> None:
    started = time.monotonic()
    command = [sys.executable, "-m", "local.setup"]
    output = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert time.monotonic() - started < 2
    assert "everything is in place" in output
