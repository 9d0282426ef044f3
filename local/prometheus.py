"""Prometheus on this machine, with the configuration that the project ships."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from local.paths import REPOSITORY
from local.ports import LOOPBACK
from local.service import Service
from local.stack import Stack, answers

SCRAPED = ("generator", "streaming", "detector", "narrator", "exporters", "prometheus")
"""The processes with a /metrics; Prometheus calls each job by this name."""

RETENTION = "15d"
_STOP_SECONDS = 5.0


def prometheus(stack: Stack, program: Path) -> Service:
    """Return Prometheus for a stack; it runs on a copy of the shipped configuration beside the stack's own targets."""
    folder = stack.data_dir / "prometheus"
    write_configuration(stack, folder)
    command = [
        str(program),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--storage.tsdb.retention.time={RETENTION}",
        "--web.enable-remote-write-receiver",
        f"--web.listen-address={LOOPBACK}:{stack.ports.prometheus}",
    ]
    ready = answers(f"{stack.url('prometheus')}/-/ready")
    return Service("prometheus", command, {}, stack.log("prometheus"), ready, _STOP_SECONDS)


def write_configuration(stack: Stack, folder: Path) -> None:
    """Copy the shipped configuration into a folder and write the stack's targets and token beside it."""
    shutil.copytree(REPOSITORY / "prometheus", folder, dirs_exist_ok=True)
    targets = folder / "targets" / "local.json"
    targets.parent.mkdir(exist_ok=True)
    targets.write_text(json.dumps(_targets(stack), indent=2), encoding="utf-8")
    # The copy is empty, and anybody's to read, until here.
    token = folder / "secrets" / "api_token"
    token.chmod(0o600)
    token.write_text(stack.token_text, encoding="utf-8")


def _targets(stack: Stack) -> list[dict[str, object]]:
    ports = asdict(stack.ports)
    return [{"targets": [f"{LOOPBACK}:{ports[name]}"], "labels": {"job": name}} for name in SCRAPED]
