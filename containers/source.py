"""One digest of the files that the containers run on and Compose does not look at: the images' and the mounted ones.

Compose makes a container anew when its configuration changes. podman-compose does not when its image changed, and none
of the three does when a mounted file changed. As a label the digest is part of the configuration.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "SOURCE_DIGEST"
"""What docker-compose.yml calls it."""

MOUNTED = ("prometheus", "grafana/provisioning")
"""Beside what .dockerignore lets into the images. Grafana looks for changed dashboards by itself."""

_RECIPES = ("Dockerfile", ".dockerignore")
_LENGTH = 16


def digest(repository: Path) -> str:
    """Return the digest of a checkout: the same for the same files, and another when a name or a byte changes.

    Raises:
        OSError: a file cannot be read.
    """
    total = hashlib.sha256()
    names = (*_RECIPES, *in_images(repository), *MOUNTED)
    for path in sorted({file for name in names for file in _files(repository, name)}):
        content = path.read_bytes()
        total.update(f"{path.relative_to(repository)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()[:_LENGTH]


def in_images(repository: Path) -> tuple[str, ...]:
    """Return what .dockerignore lets into the images: files and folders of the checkout.

    Raises:
        OSError: .dockerignore cannot be read.
    """
    lines = (repository / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return tuple(line[1:] for line in lines if line.startswith("!"))


def _files(repository: Path, name: str) -> Iterator[Path]:
    path = repository / name
    found = path.rglob("*") if path.is_dir() else (path,)
    return (file for file in found if file.is_file() and file.suffix != ".pyc")
