#!/usr/bin/env bash
# Kafka opens this port once it serves clients. Its own tools would start a JVM for each check. A file, because
# podman-compose before 1.5 has two shells read the words of a check.
exec 3<>/dev/tcp/127.0.0.1/9092
