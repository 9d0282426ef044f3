"""Settings of the Spark job."""

from pathlib import Path

from pydantic import Field

from contracts.settings import HttpSettings, KafkaSettings, Port


class StreamingSettings(KafkaSettings, HttpSettings):
    """What ``python -m streaming`` reads."""

    streaming_port: Port = Field(9102, description="Port of the Spark job's /metrics and /health.")
    spark_master: str = Field(
        "local[*]",
        pattern=r"^(local(\[(\*|[0-9]+)\])?|spark://.+|k8s://.+|yarn)$",
        description="Where Spark runs: local[*] on this machine, or a cluster, such as spark://host:7077.",
    )
    spark_driver_memory: str = Field(
        "1g", pattern=r"^[0-9]+[mg]$", description="Heap of Spark's driver; on local[*] it is all of Spark."
    )
    spark_jars_dir: Path = Field(
        Path(".cache/jars/connector"), description="Folder with Spark's Kafka connector; `make setup` fills it."
    )
    checkpoint_dir: str = Field(
        "data/checkpoints",
        min_length=1,
        description="Where Spark keeps offsets and state: a folder, or a URI of storage that a cluster shares.",
    )
    streaming_state_dir: Path = Field(
        Path("data/streaming"), description="Local folder of the driver's locks; one for each CHECKPOINT_DIR."
    )
    trigger_seconds: float = Field(
        5.0, ge=0, le=3600, description="Time between micro-batches, in seconds; 0 starts the next at once."
    )
    max_events_per_batch: int = Field(
        500_000, ge=1, description="Most events in one micro-batch; bounds memory while catching up."
    )
    watermark_delay_seconds: int = Field(
        600, ge=1, le=604_800, description="Events this much older than the newest are late; also how long ids repeat."
    )
    shuffle_partitions: int | None = Field(
        None, ge=1, description="Tasks of the stateful steps; unset: the cores. A checkpoint's first run fixes it."
    )
