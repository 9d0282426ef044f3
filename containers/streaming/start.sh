#!/bin/sh
# Starts the Spark job in a folder of its own. Spark leaves its scratch files behind when it is killed; they are removed
# while no other driver of this volume lives, which its lock tells. Spark also writes into the working folder.
set -eu

mkdir -p "$STREAMING_STATE_DIR"
flock --nonblock "$STREAMING_STATE_DIR/driver.lock" rm -rf "$SPARK_LOCAL_DIRS" || true
mkdir -p "$SPARK_LOCAL_DIRS"
cd "$SPARK_LOCAL_DIRS"
exec python -m streaming
