"""``python -m local.topics_command``: the platform's topics on any broker, made where they are missing."""

import sys
import time
from collections.abc import Sequence

from contracts.settings import KafkaSettings, settings_or_exit
from local.topics import TopicsError, ensure_topics

DEADLINE_SECONDS = 120.0
_PAUSE_SECONDS = 2.0


def main(arguments: Sequence[str]) -> int:
    """Bring the topics into place, waiting for the broker a while; the result is the exit code."""
    address = settings_or_exit(KafkaSettings, arguments).kafka_broker
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            lines = ensure_topics(address)
        except TopicsError as error:
            if time.monotonic() > deadline:
                sys.stderr.write(f"{error}\n")
                return 1
            sys.stdout.write(f"Waiting for the broker at {address} ...\n")
            sys.stdout.flush()
            time.sleep(_PAUSE_SECONDS)
        else:
            sys.stdout.write("".join(f"{line}\n" for line in lines) + f"The topics on {address} are in place.\n")
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
