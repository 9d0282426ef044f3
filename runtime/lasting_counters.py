"""Counters that never go down, although the process that counts is started again.

Before a value is shown it is on disk: whoever has read a counter reads at least as much from the next process. What is
counted between the last look and a crash is lost to the counter, never the value that somebody has seen.
"""

import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

_ADDED_UP = ("counter", "histogram")

logger = logging.getLogger(__name__)


class LastingCounters(Collector):
    """Shows another registry's families with the counts of earlier processes added."""

    def __init__(self, counted: Collector, path: Path) -> None:
        """Read the counts of earlier processes.

        Args:
            counted: a registry, or any collector, that counts from 0.
            path: the file of the counts; one process at a time may use it. A file that cannot be read is set aside.
        """
        self._counted, self._path = counted, path
        self._lock = threading.Lock()
        self._before = _read(path)

    def collect(self) -> Iterator[Family]:
        """Yield every family; the counts are on disk when the first is yielded.

        A file that cannot be written is logged, and the values are shown all the same.
        """
        with self._lock:
            families = [self._added_up(family) for family in self._counted.collect()]
            self._write(families)
        yield from families

    def _added_up(self, family: Family) -> Family:
        if family.type not in _ADDED_UP:
            return family
        shown = Family(family.name, family.documentation, family.type)
        live = [sample for sample in family.samples if not sample.name.endswith("_created")]
        shown.samples = [sample._replace(value=sample.value + self._before.get(_key(sample), 0.0)) for sample in live]
        counted = {_key(sample) for sample in live}
        names = {f"{family.name}{suffix}" for suffix in ("_total", "_bucket", "_sum", "_count")}
        missing = [key for key in self._before if key not in counted and json.loads(key)[0] in names]
        shown.samples += [_sample(key, self._before[key]) for key in missing]
        return shown

    def _write(self, families: Iterable[Family]) -> None:
        counts = self._before | {
            _key(sample): sample.value
            for family in families if family.type in _ADDED_UP
            for sample in family.samples
        }  # fmt: skip
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_name(f"{self._path.name}.new")
            with draft.open("w", encoding="utf-8") as file:
                json.dump(counts, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            logger.warning(
                "counters cannot be saved and will go down with the next start; is the disk full?",
                extra={"path": str(self._path), "error": str(error)},
            )


def _key(sample: Sample) -> str:
    return json.dumps([sample.name, sorted(sample.labels.items())])


def _sample(key: str, value: float) -> Sample:
    name, labels = json.loads(key)
    return Sample(name, dict(labels), value)


def _read(path: Path) -> dict[str, float]:
    try:
        return _counts(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        logger.warning("counting starts at 0", extra={"error": str(error)})
    except (ValueError, AttributeError, TypeError) as error:
        aside = path.with_name(f"{path.name}.unreadable")
        path.replace(aside)
        logger.warning("counting starts at 0: no saved counters", extra={"kept_as": str(aside), "error": str(error)})
    return {}


def _counts(text: str) -> dict[str, float]:
    counts: dict[str, float] = json.loads(text)
    return {str(key): float(value) for key, value in counts.items()}
