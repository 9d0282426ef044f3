"""The two sets of jars: where each is kept, and whether it is complete."""

from dataclasses import dataclass
from pathlib import Path

from local.jars.jar_list import Jar, read_list
from local.paths import jars_dir


@dataclass(frozen=True)
class JarSet:
    """Jars that are used together, named after their list and their folder."""

    name: str

    @property
    def list_path(self) -> Path:
        """The committed list."""
        return Path(__file__).with_name(f"{self.name}.sha256")

    @property
    def directory(self) -> Path:
        """The folder that holds the jars."""
        return jars_dir() / self.name

    def jars(self) -> tuple[Jar, ...]:
        """Return what the list names."""
        return read_list(self.list_path)

    def paths(self, directory: Path | None = None) -> list[Path]:
        """Return the listed jars in ``directory`` (default: the set's own): never another file that lies there too."""
        return [(directory or self.directory) / jar.file_name for jar in self.jars()]

    def faulty(self, directory: Path | None = None) -> list[Jar]:
        """Return the jars that are missing or whose content is not the listed one."""
        return [jar for jar in self.jars() if not jar.is_in(directory or self.directory)]


BROKER = JarSet("broker")
"""Kafka's broker and its tools, with a logger: what ``java -cp`` needs."""

CONNECTOR = JarSet("connector")
"""Spark's Kafka source and sink, without anything that Spark ships itself: what ``spark.jars`` needs."""
