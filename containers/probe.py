"""``python -m containers.probe PORT``: the health check of a service's container, with the service's own reason."""

import sys
from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

LOOPBACK = "127.0.0.1"
TIMEOUT_SECONDS = 4.0
_LONGEST_REASON_BYTES = 400


def main(arguments: Sequence[str]) -> int:
    """Ask the service that listens on a port of this machine; the result is 1 when it is not well."""
    reason = reason_not_well(int(arguments[0]), "/health")
    sys.stdout.write(f"{reason or 'well'}\n")
    return 0 if reason is None else 1


def reason_not_well(port: int, path: str) -> str | None:
    """Return why a service on the loopback interface does not answer with a 200, or None when it does.

    A connection of its own, because a proxy of the environment is never asked for this machine.
    """
    connection = HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(_LONGEST_REASON_BYTES).decode("utf-8", "replace").strip()
    except (OSError, HTTPException) as error:
        return f"does not answer: {error}"
    finally:
        connection.close()
    return None if answer.status == HTTPStatus.OK else f"status {answer.status}: {body}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
