"""Asking one service over HTTP how it is. Whatever comes back, or does not, becomes an ``Answer``."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from time import monotonic

import requests
import urllib3
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from contracts import metrics

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Longest answer that is read; a longer one is no answer."""

_CHUNK_BYTES = 64 * 1024
_LONGEST_REASON = 200
_MOST_LINES = 100
_READ = (metrics.CONSUMER_LAG, metrics.FRESHNESS, metrics.STREAM_TIME, metrics.TRIGGER_INTERVAL, metrics.LLM_REQUESTS)
_READ_NAMES = tuple(metric.name for metric in _READ)
_HEADERS = {"Accept-Encoding": "identity", "Connection": "close"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said of itself at one moment; what it did not say is None or empty.

    ``healthy`` is whether ``/health`` answered with a 200; ``reason`` says why not and is '' when it did. ``lag`` is in
    records by topic and consumer, ``model_requests`` are all questions ever put to the language model, by outcome.
    ``ever_reachable`` is whether it has answered at all since this process started.
    """

    asked_at: datetime
    reachable: bool
    healthy: bool
    reason: str = ""
    stream_time: datetime | None = None
    freshness_seconds: float | None = None
    trigger_seconds: float | None = None
    lag: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    model_requests: Mapping[str, int] = field(default_factory=dict)
    ever_reachable: bool = False


class UnusableAnswerError(RuntimeError):
    """The answer is too long or does not end in time."""


_NO_ANSWER = (requests.RequestException, urllib3.exceptions.HTTPError, UnusableAnswerError, OSError, ValueError)


def ask(session: requests.Session, url: str, now: Callable[[], datetime], timeout_seconds: float) -> Answer:
    """Ask a service for ``/health`` and, when it answers at all, for ``/metrics``.

    Args:
        session: one that does not read proxies from the environment.
        url: address of the service.
        now: the clock.
        timeout_seconds: limit of each of both questions.
    """
    asked_at = now()
    try:
        status, body = _get(session, f"{url.rstrip('/')}/health", timeout_seconds)
    except _NO_ANSWER as error:
        return Answer(asked_at, reachable=False, healthy=False, reason=_printable(_cause(error, timeout_seconds)))
    healthy = status == HTTPStatus.OK
    reason = "" if healthy else _reason(body) or f"it answered with status {status}"
    try:
        _, text = _get(session, f"{url.rstrip('/')}/metrics", timeout_seconds)
    except _NO_ANSWER:
        text = b""
    return _with_samples(Answer(asked_at, reachable=True, healthy=healthy, reason=reason), _samples(text))


def _get(session: requests.Session, url: str, timeout_seconds: float) -> tuple[int, bytes]:
    deadline = monotonic() + timeout_seconds
    with session.get(url, timeout=timeout_seconds, stream=True, allow_redirects=False, headers=_HEADERS) as answer:
        body = bytearray()
        while chunk := answer.raw.read1(_CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_BODY_BYTES or monotonic() > deadline:
                raise UnusableAnswerError(
                    f"its answer is over {MAX_BODY_BYTES} bytes or takes over {timeout_seconds} s"
                )
        return answer.status_code, bytes(body)


def _cause(error: Exception, timeout_seconds: float) -> str:
    if "Connection refused" in str(error):
        return "nothing listens there"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return f"no answer within {timeout_seconds:g} s"
    return f"no usable answer: {type(error).__name__}: {error}"


def _reason(body: bytes) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    reason = told.get("reason") if isinstance(told, dict) else None
    return _printable(reason) if isinstance(reason, str) else ""


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text[:_LONGEST_REASON])


def _samples(body: bytes) -> list[Sample]:
    lines = (line for line in body.decode("utf-8", "replace").split("\n") if line.startswith(_READ_NAMES))
    return [sample for line in islice(lines, _MOST_LINES) for sample in _line_samples(line)]


def _line_samples(line: str) -> list[Sample]:
    try:
        families = list(text_string_to_metric_families(f"{line}\n"))
    except (ValueError, IndexError):  # what the parser makes of garbage
        return []
    return [sample for family in families for sample in family.samples if math.isfinite(sample.value)]


def _with_samples(answer: Answer, samples: Iterable[Sample]) -> Answer:
    named: dict[str, list[Sample]] = {name: [] for name in _READ_NAMES}
    for sample in samples:
        named.setdefault(sample.name, []).append(sample)
    return replace(
        answer,
        stream_time=min(_moments(named[metrics.STREAM_TIME.name]), default=None),
        freshness_seconds=max((sample.value for sample in named[metrics.FRESHNESS.name]), default=None),
        trigger_seconds=max((sample.value for sample in named[metrics.TRIGGER_INTERVAL.name]), default=None),
        lag={_labels(sample, "topic", "consumer"): int(sample.value) for sample in named[metrics.CONSUMER_LAG.name]},
        model_requests={
            _labels(sample, "outcome")[0]: int(sample.value) for sample in named[metrics.LLM_REQUESTS.name]
        },
    )


def _labels(sample: Sample, *names: str) -> tuple[str, ...]:
    return tuple(_printable(sample.labels.get(name, "")) for name in names)


def _moments(samples: Iterable[Sample]) -> Iterable[datetime]:
    for sample in samples:
        try:
            yield datetime.fromtimestamp(sample.value, UTC)
        except (OverflowError, ValueError, OSError):
            continue
