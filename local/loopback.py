"""HTTP to the services on this machine."""

import requests
from pydantic import SecretStr


def loopback_session(token: SecretStr | None = None) -> requests.Session:
    """Return a session that never goes through a proxy and bears the token, if there is one."""
    session = requests.Session()
    session.trust_env = False
    if token is not None:
        session.headers["Authorization"] = f"Bearer {token.get_secret_value()}"
    return session
