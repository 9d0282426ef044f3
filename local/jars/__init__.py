"""Jars from a Maven repository, fetched with the Ivy that pyspark ships and checked against committed lists.

``broker.sha256`` and ``connector.sha256`` beside this file are lock files: every jar by its coordinates and hash.
After a change of pyspark or of ``resolution.BROKER_ROOTS`` write them anew: ``python -m local.jars --write-lists``.
"""

from local.jars.connector import ConnectorMismatchError, check_connector
from local.jars.fetching import JarsUnavailableError, fetch
from local.jars.jar_sets import BROKER, CONNECTOR, JarSet

__all__ = [
    "BROKER",
    "CONNECTOR",
    "ConnectorMismatchError",
    "JarSet",
    "JarsUnavailableError",
    "check_connector",
    "fetch",
]
