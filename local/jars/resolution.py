"""Works out anew which jars the two sets consist of: what ``python -m local.jars --write-lists`` does."""

import os
import tempfile
from pathlib import Path

from local.errors import LocalError
from local.jars.connector import CONNECTOR_MODULE, CONNECTOR_ORGANISATION, pyspark_version
from local.jars.fetching import MIRROR_VARIABLE
from local.jars.ivy import Coordinates, Retrieval, retrieve, shipped_modules
from local.jars.jar_list import Jar, sha256_of, write_list
from local.jars.jar_sets import BROKER, CONNECTOR, JarSet
from local.java import Java

# Kafka comes with the interface slf4j 1.7 but without a logger, and a broker without one dies without a word.
BROKER_ROOTS: tuple[Coordinates, ...] = (
    ("org.apache.kafka", "kafka_2.13", "4.3.1"),
    ("org.slf4j", "slf4j-simple", "1.7.36"),
)


class UnexpectedJarError(LocalError):
    """A resolved jar does not have the name that its coordinates give it, so that a list cannot express it."""


def write_lists(java: Java, pyspark_home: Path) -> dict[JarSet, int]:
    """Resolve both sets and write their lists; return how many jars each has.

    Raises:
        LocalError: a set could not be resolved; its list stays as it was.
    """
    connector: Coordinates = (CONNECTOR_ORGANISATION, CONNECTOR_MODULE, pyspark_version(pyspark_home))
    retrievals = {
        BROKER: Retrieval("broker", BROKER_ROOTS, transitive=True),
        CONNECTOR: Retrieval("connector", [connector], transitive=True, excluded=shipped_modules(pyspark_home)),
    }
    resolved = {jar_set: _resolve(retrieval, java, pyspark_home) for jar_set, retrieval in retrievals.items()}
    for jar_set, jars in resolved.items():
        write_list(jar_set.list_path, jars)
    return {jar_set: len(jars) for jar_set, jars in resolved.items()}


def _resolve(retrieval: Retrieval, java: Java, pyspark_home: Path) -> list[Jar]:
    with tempfile.TemporaryDirectory() as directory:
        name = "[organisation]/[module]/[revision]/[artifact]-[revision](-[classifier]).[ext]"
        retrieve(retrieval, java, pyspark_home, f"{directory}/{name}", os.environ.get(MIRROR_VARIABLE))
        return [_jar(path, Path(directory)) for path in Path(directory).rglob("*.jar")]


def _jar(path: Path, root: Path) -> Jar:
    organisation, module, revision, _ = path.relative_to(root).parts
    jar = Jar(organisation, module, revision, sha256_of(path))
    if path.name != jar.file_name:
        raise UnexpectedJarError(f"{jar.coordinates} brought {path.name}; a list can only name {jar.file_name}")
    return jar
