"""What the processes tell of the past: the exporters all that they have, the detector the limits it is given."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urljoin

import requests
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from contracts.metrics import SLA_LATENCY
from local.history.prometheus_api import HistoryError, Target
from local.loopback import loopback_session

UNTIL_HEADER = "Samples-Until-Ms"
_PATH = "/api/v1/openmetrics"
_TIMEOUT_SECONDS = 60.0
_POLL_SECONDS = 0.5
_LONGEST_ANSWER = 300


class ExportersPast:
    """The past that the exporters hold. Every method raises HistoryError when it fails."""

    def __init__(self, target: Target, token: SecretStr | None) -> None:
        self._url = urljoin(target.url, _PATH)
        self._target = {name: target.labels[name] for name in ("instance", "job")}
        self._session = loopback_session(token)

    def until_ms(self, deadline_seconds: float, waiting: Callable[[], None]) -> int:
        """Return up to when there is a past to tell, once the store has caught up with the present.

        Args:
            deadline_seconds: how long to wait for that.
            waiting: is called between tries.
        """
        deadline = time.monotonic() + deadline_seconds
        while True:
            # From the present on there is nothing, so the answer is short.
            with self._asked({"from": round(1000 * time.time())}) as answer:
                if answer.status_code == HTTPStatus.OK:
                    return int(answer.headers[UNTIL_HEADER])
                if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    raise _refused(answer)
            waiting()
            time.sleep(_POLL_SECONDS)

    @contextmanager
    def lines(self, from_ms: int) -> Iterator[Iterator[str]]:
        """Give the lines of what happened since a moment, as OpenMetrics with the labels of the target."""
        with self._asked({"from": from_ms, **self._target}) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise _refused(answer)
            try:
                # Lines of bytes end with a line feed; those of text also with characters that a label may hold.
                yield (line.decode() for line in answer.iter_lines(chunk_size=1 << 16))
            except requests.RequestException as error:
                raise HistoryError(f"the exporters broke off: {error}") from error

    @contextmanager
    def _asked(self, parameters: dict[str, int | str]) -> Iterator[requests.Response]:
        try:
            answer = self._session.get(self._url, params=parameters, timeout=_TIMEOUT_SECONDS, stream=True)
        except requests.RequestException as error:
            raise HistoryError(f"the exporters do not answer: {error}") from error
        with answer:
            yield answer


def limits(target: Target) -> list[tuple[dict[str, str], float]]:
    """Return the promised latencies as the detector shows them: labels and value.

    Raises:
        HistoryError: it does not answer.
    """
    try:
        answer = loopback_session().get(target.url, timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise HistoryError(f"the detector does not answer: {error}") from error
    own = {name: target.labels[name] for name in ("instance", "job")}
    return [
        ({"__name__": sample.name, **sample.labels, **own}, sample.value)
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == SLA_LATENCY.name
    ]


def _refused(answer: requests.Response) -> HistoryError:
    return HistoryError(f"the exporters do not tell the past: {answer.status_code}, {answer.text[:_LONGEST_ANSWER]}")
