"""``python -m local.history``: brings the past into Prometheus and ends; started again, it brings what is missing.

It waits until the store has caught up with the present. The result is 1 when Prometheus or the exporters fail it.
"""

import logging
import sys

from contracts.logs import configure_logging
from contracts.settings import settings_or_exit
from contracts.times import from_epoch_ms, to_rfc3339
from local.history.bringing import bring_history
from local.history.prometheus_api import HistoryError, PrometheusApi
from local.history.settings import HistorySettings

DEADLINE_SECONDS = 1800.0

logger = logging.getLogger("local.history")


def main() -> int:
    """Run the command; the result is the exit code."""
    settings = settings_or_exit(HistorySettings, sys.argv[1:])
    configure_logging("history", settings)
    try:
        brought = bring_history(PrometheusApi(settings.prometheus_url), settings.bearer_token, DEADLINE_SECONDS)
    except HistoryError as error:
        logger.error("the past is missing in Prometheus", extra={"error": str(error)})  # noqa: TRY400 - it says it all
        return 1
    span = {"from": to_rfc3339(from_epoch_ms(brought.from_ms)), "to": to_rfc3339(from_epoch_ms(brought.to_ms))}
    logger.info("the past is in Prometheus", extra={"samples": brought.samples, **span, "seconds": brought.seconds})
    return 0


if __name__ == "__main__":
    sys.exit(main())
