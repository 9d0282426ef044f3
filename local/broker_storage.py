"""The broker's storage folder: formatted once, complete or absent."""

import base64
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from local.broker_configuration import server_properties
from local.commands import run_logged


def format_once(data_dir: Path, java_command: Sequence[str], port: int, controller_port: int) -> Path:
    """Return the storage folder inside ``data_dir``, formatted with a new random cluster id where it is not there yet.

    Args:
        data_dir: an absolute path.
        java_command: Java with the broker's class path.
        port: for clients.
        controller_port: for the broker itself.

    Raises:
        CommandFailedError: Kafka's tool refused.
    """
    storage = data_dir / "storage"
    if not storage.exists():
        # Formatted under another name first: a folder with the final name is always a complete one.
        unfinished = data_dir / "storage.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        properties = write_properties(data_dir / "format.properties", unfinished, port, controller_port)
        arguments = ["format", f"--cluster-id={_new_cluster_id()}", f"--config={properties}"]
        command = [*java_command, "kafka.tools.StorageTool", *arguments]
        run_logged(command, data_dir / "format.log", "formatting the broker's storage")
        unfinished.replace(storage)
    return storage


def write_properties(path: Path, storage: Path, port: int, controller_port: int) -> Path:
    """Write the broker's settings to ``path`` and return it."""
    path.write_text(server_properties(storage, port, controller_port), encoding="utf-8")
    return path


def _new_cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
