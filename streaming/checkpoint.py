"""Where a run keeps its checkpoint: one folder for each Kafka cluster and form of the state.

Offsets and state of one cluster mean nothing on another. A wiped broker has a new cluster id, so its events get a
folder of their own and are read from the earliest one on. So they are after a change of the job's state, because Spark
refuses to go on from state of another form: readers merge what is counted again, and the books count it twice.
"""

import logging
from pathlib import Path

logger = logging.getLogger(__name__)

STATE_FORM = 2
"""Changes with the columns that are grouped by, counted or remembered."""

_CLUSTER_FILE = "cluster_id"


def checkpoint_location(checkpoint_dir: str, cluster_id: str) -> str:
    """Return the checkpoint of a cluster, a path or a URI that Spark's file systems know."""
    return f"{checkpoint_dir.rstrip('/')}/form-{STATE_FORM}/{cluster_id}"


def note_cluster(state_dir: Path, cluster_id: str) -> bool:
    """Remember the cluster of this run and say, loudly, whether it is another than the last run's.

    Args:
        state_dir: local folder of the driver.
        cluster_id: the cluster that answers.

    Returns:
        True when the last run was on another cluster.
    """
    note = state_dir / _CLUSTER_FILE
    previous = note.read_text(encoding="utf-8") if note.exists() else None
    changed = previous is not None and previous != cluster_id
    if changed:
        logger.warning(
            "this is another Kafka cluster than last time; reading it from its earliest event. "
            "Events of the old cluster that were not read yet are lost.",
            extra={"previous_cluster": previous, "cluster": cluster_id},
        )
    note.write_text(cluster_id, encoding="utf-8")
    return changed
