"""Where raw events are read from."""

import json
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from contracts.topics import RAW_EVENTS

RECORD_COLUMNS = ("value", "timestamp", "partition", "offset")


@dataclass(frozen=True, slots=True)
class EventSource:
    """The topic of raw events on a broker. What Kafka dropped does not stop the job: the books show it as lost."""

    broker: str
    max_events_per_batch: int
    topic: str = RAW_EVENTS.name

    def stream(self, spark: SparkSession) -> DataFrame:
        """Return the records as a stream from the earliest one on."""
        reader = spark.readStream.format("kafka").options(
            **self._options(), startingOffsets="earliest", maxOffsetsPerTrigger=str(self.max_events_per_batch)
        )
        return reader.load().select(*RECORD_COLUMNS)

    def range(self, spark: SparkSession, offsets: dict[int, tuple[int, int]]) -> DataFrame:
        """Return the records of an offset range ``[from, to)`` per partition, those that Kafka still has."""
        reader = spark.read.format("kafka").options(
            **self._options(),
            startingOffsets=self._positions({partition: start for partition, (start, _) in offsets.items()}),
            endingOffsets=self._positions({partition: end for partition, (_, end) in offsets.items()}),
        )
        return reader.load().select(*RECORD_COLUMNS)

    def _options(self) -> dict[str, str]:
        return {
            "kafka.bootstrap.servers": self.broker,
            "subscribe": self.topic,
            "failOnDataLoss": "false",
            "kafka.max.poll.records": "5000",
            "kafka.max.partition.fetch.bytes": str(4 * 1024 * 1024),
        }

    def _positions(self, by_partition: dict[int, int]) -> str:
        return json.dumps({self.topic: by_partition})
