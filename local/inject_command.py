"""``make inject SERVICE=... KIND=... MINUTES=...``: a fault on demand, from the generator that runs."""

import sys
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import requests

from local.live_stack import stack_of_the_environment
from local.loopback import loopback_session
from local.stack import Stack

_TIMEOUT_SECONDS = 10.0


def main(arguments: Sequence[str]) -> int:
    """Inject and say until when; the result is 1 when the generator refuses or does not run."""
    stack = stack_of_the_environment()
    service, kind, minutes = arguments
    try:
        answer = _ask(stack, {"service": service, "kind": kind, "minutes": _number(minutes)})
    except requests.RequestException as error:
        sys.stderr.write(f"The generator does not answer: {error}. Is `make demo` running?\n")
        return 1
    if answer.status_code != HTTPStatus.CREATED:
        sys.stderr.write(f"{_refusal(answer)}\n")
        return 1
    injection = answer.json()
    api = f"{stack.exporters_url}/api/v1"
    sys.stdout.write(
        f"{injection['kind']} on {injection['service']} from {injection['started_at']} to {injection['ended_at']}.\n"
        f"Within 90 s it is on {api}/anomalies?service={service} and {api}/incidents?service={service}\n"
    )
    return 0


def _ask(stack: Stack, body: dict[str, Any]) -> requests.Response:
    session = loopback_session()
    return session.post(f"{stack.url('generator')}/inject", json=body, timeout=_TIMEOUT_SECONDS)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _refusal(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"The generator answered with status {answer.status_code}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
