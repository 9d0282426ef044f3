#!/usr/bin/env bash
# Starts Kafka's broker. A new volume is formatted with a random cluster id: the platform keeps offsets and checkpoints
# by cluster, and the start that comes with the image gives every cluster the same id.
set -euo pipefail

here=$(dirname "$0")
data=/var/lib/kafka/data
kafka=/opt/kafka/bin

# The root file system is read-only, and logs belong on the container's output.
export LOG_DIR=/tmp/kafka EXTRA_ARGS=""
export KAFKA_LOG4J_OPTS="-Dlog4j2.configurationFile=$here/log4j2.properties"
export KAFKA_JVM_PERFORMANCE_OPTS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError"

if [ ! -e "$data/storage" ]; then
  # Formatted under another name first: a folder with the final name is always a complete one.
  rm -rf "$data/storage.unfinished"
  sed "s|^log.dirs=.*|log.dirs=$data/storage.unfinished|" "$here/server.properties" > /tmp/format.properties
  cluster=$("$kafka/kafka-storage.sh" random-uuid)
  "$kafka/kafka-storage.sh" format "--cluster-id=$cluster" "--config=/tmp/format.properties"
  mv "$data/storage.unfinished" "$data/storage"
fi
exec "$kafka/kafka-server-start.sh" "$here/server.properties" \
  --override "advertised.listeners=INTERNAL://kafka:9092,HOST://localhost:${KAFKA_HOST_PORT:-29092}"
