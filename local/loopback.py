"""HTTP to the services on this machine."""

import requests


def loopback_session() -> requests.Session:
    """Return a session that never goes through a proxy."""
    session = requests.Session()
    session.trust_env = False
    return session
