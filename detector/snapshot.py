"""The snapshot: the engine's state and the positions that belong to it, in one file that is replaced as a whole."""

import logging
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.records import UtcTime
from detector.engine import EngineState
from detector.reading import PartitionPosition
from runtime.topic_log import TopicPartition

FILE_NAME = "snapshot.json"

logger = logging.getLogger(__name__)


class Snapshot(BaseModel):
    """``version`` changes with the form of the file, and with the rules: scores are kept in their order."""

    model_config = ConfigDict(frozen=True)

    version: Literal[2] = 2
    cluster_id: str
    saved_at: UtcTime
    positions: list[tuple[TopicPartition, PartitionPosition]]
    engine: EngineState


def save(snapshot: Snapshot, state_dir: Path) -> None:
    """Write a snapshot in the place of the one before; a crash leaves either of them whole.

    Raises:
        OSError: the folder cannot be written.
    """
    draft = state_dir / f"{FILE_NAME}.new"
    with draft.open("wb") as file:
        file.write(snapshot.model_dump_json().encode())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(state_dir / FILE_NAME)
    folder = os.open(state_dir, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load(state_dir: Path) -> Snapshot | None:
    """Return the snapshot; None where there is none, or one that cannot be read, which is set aside.

    Raises:
        OSError: the file is there and the system refuses to read it.
    """
    path = state_dir / FILE_NAME
    try:
        return Snapshot.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        aside = path.with_name(f"{FILE_NAME}.unreadable")
        path.replace(aside)
        logger.error(  # noqa: TRY400 - expected, and the message says it all
            "the snapshot cannot be read: starting without one, from what the topics hold",
            extra={"kept_as": str(aside), "error": str(error.errors()[0]["msg"])},
        )
        return None
