"""Asking the other services every few seconds in the background, so that nobody waits for their answers."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import requests

from exporters.maintenance.service_answers import Answer, ask
from exporters.maintenance.service_states import reason_not_ready
from exporters.web.status import PartState

INTERVAL_SECONDS = 15.0
TIMEOUT_SECONDS = 2.0
STALE = timedelta(seconds=4 * INTERVAL_SECONDS)
"""An answer older than this says nothing any more: the service keeps the next question waiting."""

_GENERATOR = "generator"

logger = logging.getLogger(__name__)


class Probes:
    """The newest answer of each service. One thread for each, so that one that hangs delays no other."""

    def __init__(
        self,
        urls: Mapping[str, str],
        now: Callable[[], datetime],
        interval_seconds: float = INTERVAL_SECONDS,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._urls, self._now = dict(urls), now
        self._interval_seconds, self._timeout_seconds = interval_seconds, timeout_seconds
        self._answers: dict[str, Answer] = {}
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_asking, args=(part,), name=f"probe-{part}", daemon=True) for part in urls
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop asking; a question that is under way ends by itself."""
        self._stop.set()

    def answers(self) -> dict[str, Answer | None]:
        """Return the newest answer of every service, None before its first question has ended."""
        now = self._now()
        return {part: _unless_stale(self._answers.get(part), now) for part in self._urls}

    def part_states(self, stream_time: datetime | None) -> dict[str, PartState]:
        """Return the state of each service, given the stream time that the exporters have reached.

        The generator is only among them once it has answered: real traffic needs none. Streaming is only among them
        when its process is not ready: otherwise its batches tell more, and the sink knows those.
        """
        answers = self.answers()
        generator = answers.get(_GENERATOR)
        if generator is None or not generator.ever_reachable:
            answers.pop(_GENERATOR, None)
        reasons = {part: reason_not_ready(part, answer, stream_time) for part, answer in answers.items()}
        return {
            part: PartState(reason is None, reason or "healthy")
            for part, reason in reasons.items()
            if part != "streaming" or reason is not None
        }

    def _keep_asking(self, part: str) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not self._stop.is_set():
                self._ask(session, part)
                self._stop.wait(self._interval_seconds)

    def _ask(self, session: requests.Session, part: str) -> None:
        before = self._answers.get(part)
        answer = ask(session, self._urls[part], self._now, self._timeout_seconds)
        if before is not None and before.healthy != answer.healthy:
            logger.info(
                "a service changed its health", extra={"part": part, "healthy": answer.healthy, "reason": answer.reason}
            )
        ever_reachable = answer.reachable or (before is not None and before.ever_reachable)
        self._answers[part] = replace(answer, ever_reachable=ever_reachable)


def _unless_stale(answer: Answer | None, now: datetime) -> Answer | None:
    if answer is None or now - answer.asked_at <= STALE:
        return answer
    reason = "it has kept a question waiting for over a minute"
    return Answer(answer.asked_at, reachable=False, healthy=False, reason=reason, ever_reachable=answer.ever_reachable)
