"""Runs Ivy, the dependency manager whose jar comes with pyspark."""

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from local.commands import run_logged
from local.java import Java
from local.paths import CACHE, SETUP_LOGS

Coordinates = tuple[str, str, str]
"""Organisation, module and revision."""


@dataclass(frozen=True)
class Retrieval:
    """What to fetch: ``transitive`` with everything it depends on, but never a module named in ``excluded``."""

    name: str
    wanted: Sequence[Coordinates]
    transitive: bool
    excluded: Sequence[str] = ()


def retrieve(retrieval: Retrieval, java: Java, pyspark_home: Path, pattern: str, mirror_url: str | None) -> None:
    """Fetch the jars of ``retrieval`` into files named by Ivy's ``pattern``.

    Args:
        retrieval: what to fetch.
        java: what to run Ivy with.
        pyspark_home: the installed package; its jars hold Ivy.
        pattern: where a jar goes, for example ``folder/[artifact]-[revision].[ext]``.
        mirror_url: root of a Maven 2 repository to use; None for Ivy's default.

    Raises:
        CommandFailedError: Ivy could not fetch them all.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    # Ivy's own cache lives no longer than its run: no second copy of every jar, and no broken one that comes back.
    with tempfile.TemporaryDirectory(prefix="ivy-", dir=CACHE) as directory:
        home = Path(directory)
        (home / "settings.xml").write_text(settings_xml(retrieval.transitive, mirror_url), encoding="utf-8")
        (home / "ivy.xml").write_text(module_xml(retrieval), encoding="utf-8")
        arguments = ["-settings", str(home / "settings.xml"), "-ivy", str(home / "ivy.xml"), "-types", "jar", "bundle"]
        program = [str(java.executable), f"-Divy.default.ivy.user.dir={home}", "-jar", str(_ivy_jar(pyspark_home))]
        log_path = SETUP_LOGS / f"jars-{retrieval.name}.log"
        run_logged([*program, *arguments, "-retrieve", pattern], log_path, f"fetching the {retrieval.name} jars")


def shipped_modules(pyspark_home: Path) -> list[str]:
    """Return the names, without version, of the jars that pyspark itself brings."""
    return sorted({re.sub(r"-\d[^/]*\.jar$", "", jar.name) for jar in (pyspark_home / "jars").glob("*.jar")})


def settings_xml(with_poms: bool, mirror_url: str | None) -> str:
    """Return Ivy's settings.

    Without POMs it asks for the jars alone, which is eight times as fast; the committed list has better checksums.
    """
    checksums = "sha1" if with_poms else ""
    root = f" root={quoteattr(mirror_url)}" if mirror_url else ""
    return (
        '<ivysettings><settings defaultResolver="maven"/><resolvers><ibiblio name="maven" m2compatible="true" '
        f'useMavenMetadata="false" usepoms="{str(with_poms).lower()}" checksums="{checksums}"{root}/>'
        "</resolvers></ivysettings>"
    )


def module_xml(retrieval: Retrieval) -> str:
    """Return the Ivy module whose dependencies are what ``retrieval`` wants."""
    configuration = "default->default,master,runtime" if retrieval.transitive else "default->*"
    return (
        f'<ivy-module version="2.0"><info organisation="local" module={quoteattr(retrieval.name)}/>'
        '<configurations><conf name="default"/></configurations><dependencies>'
        f"{''.join(_dependencies(retrieval, configuration))}"
        f"{''.join(f'<exclude module={quoteattr(module)}/>' for module in retrieval.excluded)}"
        "</dependencies></ivy-module>"
    )


def _dependencies(retrieval: Retrieval, configuration: str) -> Iterable[str]:
    transitive = str(retrieval.transitive).lower()
    for organisation, module, revision in retrieval.wanted:
        yield (
            f"<dependency org={quoteattr(organisation)} name={quoteattr(module)} rev={quoteattr(revision)} "
            f'transitive="{transitive}" conf={quoteattr(configuration)}/>'
        )


def _ivy_jar(pyspark_home: Path) -> Path:
    return next((pyspark_home / "jars").glob("ivy-*.jar"))
