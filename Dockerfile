# The images of the Python services: `service` without Java, `streaming` with Java and Spark's Kafka connector.
# Nothing in a layer is secret, and nothing but /data and /tmp is written at run time. Health checks are in
# docker-compose.yml, which knows the ports.
FROM docker.io/library/python:3.11.14-slim-bookworm AS base
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

FROM base AS packages
ARG PIP_INDEX_URL=""
COPY requirements.txt ./
RUN python -m venv .venv \
 && .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

# Spark is more than half of all packages, and one service runs on it.
FROM packages AS packages-without-spark
RUN .venv/bin/python -m pip uninstall --disable-pip-version-check --yes pyspark py4j

# A volume that is mounted on /data for the first time takes its owner over from here.
FROM base AS user
RUN groupadd --gid 10001 observability \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin observability \
 && install --directory --owner=10001 --group=10001 /data

FROM user AS service
COPY --from=packages-without-spark /app/.venv .venv
COPY . .
RUN python -m compileall -q -x '[.]venv' /app
USER 10001:10001

# The folder of manual pages is missing in slim images, and the package's set-up links into it.
FROM user AS java
RUN mkdir -p /usr/share/man/man1 \
 && apt-get update \
 && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
 && rm -rf /var/lib/apt/lists/*

# With nothing but what fetches them, so that they are fetched again only when they are others.
FROM java AS jars
ARG MAVEN_MIRROR_URL=""
COPY --from=packages /app/.venv .venv
COPY local/__init__.py local/commands.py local/errors.py local/java.py local/log_files.py local/paths.py local/
COPY local/jars local/jars
RUN python -c "from local.jars import CONNECTOR, fetch; from local.java import find_java; fetch(CONNECTOR, find_java())"

FROM java AS streaming
COPY --from=packages /app/.venv .venv
COPY --from=jars /app/.cache/jars/connector /app/jars
COPY . .
RUN python -m compileall -q -x '[.]venv' /app
# glibc keeps freed memory in one arena per thread; RocksDB and the JVM have many threads and the container a limit.
ENV SPARK_LOCAL_DIRS=/data/scratch \
    MALLOC_ARENA_MAX=2
USER 10001:10001
