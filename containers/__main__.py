"""``python -m containers COMMAND``: what the Makefile calls; see ``python -m containers --help``."""

import argparse
import sys
from collections.abc import Sequence

from containers import commands
from containers.engine import INTERRUPTED, Compose, find_compose
from containers.errors import ContainersError


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments ask; the result is the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "status":
            return commands.status()
        return _do(asked, find_compose())
    except (ContainersError, OSError) as error:
        # Without Compose nothing runs in containers, which is an answer and no mistake.
        if asked.command != "running":
            sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _do(asked: argparse.Namespace, compose: Compose) -> int:
    match asked.command:
        case "up":
            return commands.up(compose)
        case "down":
            return commands.down(compose, with_data=asked.data)
        case "restart":
            return commands.restart(compose, asked.services)
        case "logs":
            return commands.logs(compose, asked.services)
        case "exec":
            return commands.execute(compose, asked.service, asked.arguments)
        case _:
            return 0 if commands.is_running(compose) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m containers", description="The platform in containers.")
    subcommands = parser.add_subparsers(dest="command", required=True)
    subcommands.add_parser("up", help="make the secrets, build, start, and wait until all is well")
    down = subcommands.add_parser("down", help="stop and remove the containers")
    down.add_argument("--data", action="store_true", help="remove every volume as well")
    for name, about in (("restart", "start containers again"), ("logs", "follow the logs")):
        subcommands.add_parser(name, help=about).add_argument("services", nargs="*", help="default: all")
    subcommands.add_parser("status", help="which services answer, and why one is not well")
    execute = subcommands.add_parser("exec", help="run a command in the container of a service")
    execute.add_argument("service")
    execute.add_argument("arguments", nargs=argparse.REMAINDER)
    subcommands.add_parser("running", help="exit status 0 when there are containers of this checkout")
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
