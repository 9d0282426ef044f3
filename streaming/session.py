"""Starts Spark in a JVM with a process group of its own."""

import os

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from streaming.driver_lock import DriverLock
from streaming.settings import StreamingSettings
from streaming.verdict import SESSION_SETTINGS

STATE_STORE = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"

JVM_OPTIONS = " ".join(
    (
        # The generated code of the first stage is above the limit over which the JVM would only interpret it.
        "-XX:-DontCompileHugeMethods",
        "-XX:+UseParallelGC",
        "-Dlog4j2.level=warn",
    )
)

_LOCAL_CHECKPOINT_CONF = {
    # Spark's default for local files starts processes (chmod, stat) for each file of a checkpoint: 0.3 s a batch.
    "spark.sql.streaming.checkpointFileManagerClass": (
        "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager"
    ),
}


class ConnectorMissingError(FileNotFoundError):
    """Spark's Kafka connector is not where the settings say."""


def start_session(settings: StreamingSettings, lock: DriverLock) -> SparkSession:
    """Start a JVM and a Spark session in it.

    The JVM inherits the lock, so a successor knows whether it is still there.

    Raises:
        ConnectorMissingError: the folder of the connector has no jars.
    """
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    conf = SparkConf().setMaster(settings.spark_master).setAppName("streaming").setAll(list(_conf(settings).items()))
    gateway = launch_gateway(conf, {"start_new_session": True, "pass_fds": (lock.jvm_fd,)})  # type: ignore[no-untyped-call]
    lock.record_jvm(gateway.proc.pid)
    context = SparkContext(conf=conf, gateway=gateway)
    _without_checksum_files(context)
    return SparkSession(context)


def _without_checksum_files(context: SparkContext) -> None:
    """Let local files have no checksum file: a crash between the two renames leaves a checkpoint nobody can read.

    Naming another class as ``fs.file.impl`` would do that as well, and break the state store: its snapshots fail in
    the background, and the checkpoint grows for ever.
    """
    hadoop = context._jsc.hadoopConfiguration()
    local_files = context._jvm.org.apache.hadoop.fs.FileSystem.getLocal(hadoop)  # type: ignore[union-attr]
    local_files.setWriteChecksum(False)
    local_files.setVerifyChecksum(False)


def _conf(settings: StreamingSettings) -> dict[str, str]:
    conf = {**SESSION_SETTINGS, **_stream_conf(settings), **_process_conf(settings)}
    return conf if "://" in settings.checkpoint_dir else {**conf, **_LOCAL_CHECKPOINT_CONF}


def _stream_conf(settings: StreamingSettings) -> dict[str, str]:
    return {
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions or os.cpu_count() or 1),
        # A batch without events would only evict state, which the next batch does as well.
        "spark.sql.streaming.noDataMicroBatches.enabled": "false",
        "spark.sql.streaming.stateStore.providerClass": STATE_STORE,
        "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
        # Counting rows costs a look-up for every write.
        "spark.sql.streaming.stateStore.rocksdb.trackTotalNumberOfRows": "false",
        # With the default of 8 MB a state of a million events is read from files again and again.
        "spark.sql.streaming.stateStore.rocksdb.blockCacheSizeMB": "64",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }


def _process_conf(settings: StreamingSettings) -> dict[str, str]:
    jars = sorted(str(jar.absolute()) for jar in settings.spark_jars_dir.glob("*.jar"))
    if not any("spark-sql-kafka" in jar for jar in jars):
        folder = settings.spark_jars_dir
        raise ConnectorMissingError(f"SPARK_JARS_DIR {folder} has no spark-sql-kafka jar; `make setup` fetches it")
    return {
        "spark.jars": ",".join(jars),
        "spark.driver.memory": settings.spark_driver_memory,
        "spark.driver.extraJavaOptions": JVM_OPTIONS,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
