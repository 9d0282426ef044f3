"""Starts Spark in a JVM with a process group of its own."""

import os
from pathlib import Path

from py4j.java_gateway import JavaGateway
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from streaming.settings import StreamingSettings
from streaming.verdict import SESSION_SETTINGS

STATE_STORE = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


class ConnectorMissingError(FileNotFoundError):
    """Spark's Kafka connector is not where the settings say."""


def spark_settings(settings: StreamingSettings) -> dict[str, str]:
    """Return Spark's configuration, each entry with its reason in this function.

    Raises:
        ConnectorMissingError: the folder of the connector has no jars.
    """
    if not any(settings.spark_jars_dir.glob("spark-sql-kafka*.jar")):
        raise ConnectorMissingError(
            f"SPARK_JARS_DIR {settings.spark_jars_dir} has no spark-sql-kafka jar; `make setup` fetches it"
        )
    return {
        **SESSION_SETTINGS,
        "spark.ui.enabled": "false",
    }
