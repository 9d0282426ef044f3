"""``python -m streaming``, hanging after a batch end is written and before the batch commits."""

import sys
from pathlib import Path

from contracts.records import BatchEnd
from runtime.topic_log import Publisher
from streaming import __main__ as service
from streaming import batch
from streaming.publishing import publish_batch_end
from tests.integration.crashes.hang import Hang

SECOND_BATCH = 2


def main() -> int:
    hang = Hang(Path(sys.argv[1]), SECOND_BATCH)

    def publish_and_hang(publisher: Publisher, end: BatchEnd) -> None:
        publish_batch_end(publisher, end)
        hang()

    setattr(batch, "publish_batch_end", publish_and_hang)  # noqa: B010 - mypy knows it only where it is defined
    return service.main([])


if __name__ == "__main__":
    sys.exit(main())
