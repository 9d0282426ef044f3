import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from local.jars import BROKER, CONNECTOR, ConnectorMismatchError, check_connector
from local.jars.ivy import Retrieval, module_xml, settings_xml, shipped_modules
from local.jars.jar_list import InvalidJarListError, Jar, read_list, sha256_of, write_list
from local.paths import REPOSITORY


def a_jar(directory: Path, content: bytes) -> Jar:
    (directory / "thing-1.0.jar").write_bytes(content)
    return Jar("org.example", "thing", "1.0", sha256_of(directory / "thing-1.0.jar"))


def test_a_jar_counts_only_with_its_very_content(tmp_path: Path) -> None:
    jar = a_jar(tmp_path, b"content")
    path = tmp_path / jar.file_name
    assert jar.is_in(tmp_path)
    path.write_bytes(b"cont")
    assert not jar.is_in(tmp_path)
    path.write_bytes(b"CONTENT")
    assert not jar.is_in(tmp_path)
    path.unlink()
    assert not jar.is_in(tmp_path)


def test_a_list_is_read_as_it_was_written(tmp_path: Path) -> None:
    jars = (Jar("a", "b", "1", "0" * 64), Jar("a", "c", "2.0", "f" * 64))
    write_list(tmp_path / "list", reversed(jars))
    assert read_list(tmp_path / "list") == jars


@pytest.mark.parametrize("line", ["nonsense", "0" * 64 + "  only:two", "0" * 63 + "  a:b:1"])
def test_a_broken_line_of_a_list_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "list").write_text(f"# header\n{line}\n")
    with pytest.raises(InvalidJarListError, match="line 2"):
        read_list(tmp_path / "list")


def test_an_empty_folder_lacks_every_jar(tmp_path: Path) -> None:
    assert BROKER.faulty(tmp_path) == list(BROKER.jars())


def test_several_clones_can_share_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JARS_DIR", str(tmp_path))
    assert BROKER.directory == tmp_path / "broker"


def test_the_connector_is_the_one_of_the_pinned_pyspark() -> None:
    pin = re.search(r"^pyspark==(\S+)", (REPOSITORY / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    assert pin is not None
    assert [jar.revision for jar in CONNECTOR.jars() if jar.module.startswith("spark-sql-kafka")] == [pin[1]]


def test_another_pyspark_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "version.py").write_text("__version__: str = '9.9.9'\n")
    with pytest.raises(ConnectorMismatchError, match=r"pyspark 9\.9\.9 .* --write-lists"):
        check_connector(tmp_path)


def test_the_connector_brings_no_jar_that_pyspark_ships() -> None:
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    shipped = set(shipped_modules(Path(spec.origin).parent))
    assert "scala-library" in shipped
    assert not shipped & {jar.module for jar in CONNECTOR.jars()}


def test_listed_jars_are_fetched_without_what_they_depend_on() -> None:
    xml = module_xml(Retrieval("x", [("org", "name", "1")], transitive=False, excluded=["other"]))
    assert '<dependency org="org" name="name" rev="1" transitive="false" conf="default-&gt;*"/>' in xml
    assert '<exclude module="other"/>' in xml


def test_a_mirror_takes_the_place_of_the_usual_repository() -> None:
    assert 'root="https://mirror.invalid/maven"' in settings_xml(False, "https://mirror.invalid/maven")
    assert "root=" not in settings_xml(False, None)
