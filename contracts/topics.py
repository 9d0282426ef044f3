"""The Kafka topics of the platform: the one place that knows their names, shapes and lifetimes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

MAX_RECORD_BYTES = 512 * 1024
"""Upper limit, in bytes, of the value of every record that the platform itself publishes."""


@dataclass(frozen=True)
class Topic:
    """One topic as it is created: ``timestamp_type`` says who stamps a record, its producer or the broker."""

    name: str
    partitions: int
    retention: timedelta
    timestamp_type: Literal["CreateTime", "LogAppendTime"] = "CreateTime"

    def config(self) -> dict[str, str]:
        """Return the topic-level broker settings, as Kafka spells them."""
        return {
            "retention.ms": str(self.retention // timedelta(milliseconds=1)),
            "message.timestamp.type": self.timestamp_type,
        }


RAW_EVENTS = Topic("raw_events", 4, timedelta(hours=24), "LogAppendTime")
DEAD_LETTERS = Topic("dead_letters", 1, timedelta(days=7))
AGGREGATED_METRICS = Topic("aggregated_metrics", 4, timedelta(hours=48))
ANOMALIES = Topic("anomalies", 1, timedelta(days=30))
INCIDENT_SUMMARIES = Topic("incident_summaries", 1, timedelta(days=30))
INJECTIONS = Topic("injections", 1, timedelta(days=30))

ALL_TOPICS = (RAW_EVENTS, DEAD_LETTERS, AGGREGATED_METRICS, ANOMALIES, INCIDENT_SUMMARIES, INJECTIONS)
