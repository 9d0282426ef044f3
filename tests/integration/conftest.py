"""One warm JVM with Spark for all tests of this folder, and a broker of its own for each test that asks for one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from local.broker import Broker
from local.jars import BROKER, CONNECTOR
from local.java import Java, find_java
from local.ports import free_ports
from local.topics import ensure_topics
from streaming.driver_lock import DriverLock
from streaming.session import start_session
from streaming.settings import StreamingSettings


@pytest.fixture(scope="session")
def java() -> Java:
    return find_java()


@pytest.fixture(scope="session")
def spark(java: Java, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    os.environ["JAVA_HOME"] = str(java.home)
    lock = DriverLock(tmp_path_factory.mktemp("driver"))
    lock.acquire(1)
    session = start_session(StreamingSettings(spark_jars_dir=CONNECTOR.directory), lock)
    # The state store's background work is done every minute: too rare for a test to see it.
    session.conf.set("spark.sql.streaming.stateStore.maintenanceInterval", "1s")
    yield session
    session.stop()
    lock.release()


@pytest.fixture
def broker(java: Java, tmp_path: Path) -> Iterator[Broker]:
    port, controller_port = free_ports(2)
    running = Broker(tmp_path / "kafka", port, controller_port, java.executable, BROKER.directory)
    running.start()
    running.wait_until_ready(60)
    ensure_topics(running.address)
    yield running
    running.stop()
