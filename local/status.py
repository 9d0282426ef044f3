"""``make status``: which processes of the stack answer, where, and which log to read."""

import sys
from http import HTTPStatus

import requests

from local.live_stack import stack_of_the_environment
from local.loopback import loopback_session
from local.stack import Stack
from local.topics import answers

_PATHS = {"prometheus": "/-/ready", "grafana": "/api/health"}
_OPTIONAL = frozenset({"prometheus", "grafana", "generator"})
_NAMES = ("exporters", "streaming", "detector", "narrator", "generator", "prometheus", "grafana")
_TIMEOUT_SECONDS = 3.0


def main() -> int:
    """Print one line per process; the result is 1 when one that is needed is not well."""
    stack = stack_of_the_environment()
    host, _, port = stack.kafka.partition(",")[0].rpartition(":")
    lines = [("broker", stack.kafka, "up" if answers(host, int(port)) else "not running")]
    lines += [(name, stack.url(name), state(stack, name)) for name in _NAMES]
    for name, where, what in lines:
        sys.stdout.write(f"  {name:<12}{where:<26}{what}\n")
    sys.stdout.write(f"Logs: {stack.data_dir / 'logs'} (make logs, or make logs SERVICE=streaming)\n")
    return int(any(what != "up" and name not in _OPTIONAL for name, _, what in lines))


def state(stack: Stack, name: str) -> str:
    """Return ``up``, ``not running``, or why the process says that it is not well."""
    session = loopback_session()
    try:
        answer = session.get(stack.url(name) + _PATHS.get(name, "/health"), timeout=_TIMEOUT_SECONDS)
    except requests.ConnectionError:
        return "not running"
    except requests.RequestException as error:
        return f"does not answer: {error}"
    return "up" if answer.status_code == HTTPStatus.OK else f"not well: {_reason(answer)}"


def _reason(answer: requests.Response) -> str:
    try:
        return str(answer.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"


if __name__ == "__main__":
    sys.exit(main())
