"""``python -m generator``: live traffic, or with ``replay`` a recording; see ``python -m generator --help``."""

import sys
from collections.abc import Sequence

from contracts.logs import configure_logging
from contracts.settings import settings_or_exit
from generator.arguments import LiveOptions, parse_arguments
from generator.command import INTERRUPTED, ReplayCommand
from generator.kafka_raw_events import KafkaRawEvents
from generator.live.command import run_live
from generator.settings import GeneratorSettings
from runtime.stop import stop_on_signals


def main(arguments: Sequence[str]) -> int:
    """Run the command that is asked for and return the exit status."""
    settings = settings_or_exit(GeneratorSettings, arguments)
    options = parse_arguments(arguments)
    configure_logging("generator", settings)
    if isinstance(options, LiveOptions):
        return run_live(settings, options.backfill, stop_on_signals())
    broker = options.broker or settings.kafka_broker
    try:
        return ReplayCommand(lambda: KafkaRawEvents(broker), stop_on_signals).run(options)
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
