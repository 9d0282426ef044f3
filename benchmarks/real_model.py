"""``python -m benchmarks.real_model [incidents [file]]``: a real model on generated incidents; no invention passes.

The model is the one of the narrator's settings: ``make llm`` starts one. Each incident is asked about as the narrator
does, with one retry that names the fault. Every answer is written to ``file``, one JSON object a line, to see whether
the refusals are right. The result is the exit code: 1 when a text passed the gate in which another check, made of other
code, finds a number or a service that the records do not hold, or when the model did not answer about some incident.
"""

import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from contracts.anomalies import Anomaly
from contracts.settings import settings_or_exit
from narrator.__main__ import model_of
from narrator.budget import MAX_REFUSALS
from narrator.model import Failure, Model
from narrator.prompt import compose
from narrator.question import Question, Result, put
from narrator.settings import NarratorSettings
from tests.fast.narrator.generated import incident
from tests.fast.narrator.oracle import ungrounded_numbers, unknown_services

INCIDENTS = 50

_FAULTS = (
    ("the number", "a number"),
    ("plain English", "no plain English"),
    ("has no basis", "a word"),
    ("the word", "a word"),
    ("character", "a character"),
    ("not a name of the evidence", "a name"),
    ("neither a service", "a name"),
    ("no cause", "a cause"),
)

logger = logging.getLogger("benchmarks.real_model")


class Recorded:
    """``Model`` whose answers are kept in a file."""

    def __init__(self, model: Model, file: Path | None) -> None:
        self._model, self._file = model, file
        if file is not None:
            file.unlink(missing_ok=True)

    @property
    def name(self) -> str:
        """See ``Model``."""
        return self._model.name

    def warm_up(self) -> None:
        """See ``Model``."""
        self._model.warm_up()

    def ask(self, system: str, user: str) -> str:
        """See ``Model``."""
        text = self._model.ask(system, user)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps({'question': user, 'answer': text})}\n")
        return text

    def abandon(self) -> None:
        """See ``Model``."""
        self._model.abandon()


def main(arguments: Sequence[str]) -> int:
    """Ask about each incident and log the shares of the outcomes and the times; the result is the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    settings = settings_or_exit(NarratorSettings, ())
    asked_for = model_of(settings)
    if asked_for is None:
        logger.error("LLM_BACKEND=none asks no model; set ollama or openai")
        return 1
    model = Recorded(asked_for, Path(arguments[1]) if len(arguments) > 1 else None)
    told: list[list[Result]] = []
    inventions = 0
    for seed in range(int(arguments[0]) if arguments else INCIDENTS):
        told.append(asked(model, incident(seed), seed))
        inventions += _invents(told[-1][-1], incident(seed))
        logger.info("incident %d: %s; %s", seed, _outcome(told[-1]), "; ".join(map(_shown, told[-1])))
    _report(model.name, told, inventions)
    answered = all(tries[-1].failure is None or tries[-1].failure.is_refusal for tries in told)
    return 0 if answered and not inventions else 1


def asked(model: Model, anomalies: tuple[Anomaly, ...], seed: int) -> list[Result]:
    """Return what came of the question and of its retry."""
    tries: list[Result] = []
    while len(tries) < MAX_REFUSALS and (not tries or tries[-1].failure is not None):
        prompt = compose(anomalies, tries[-1].problems if tries else ())
        question = Question(f"incident-{seed}", frozenset(one.anomaly_id for one in anomalies), prompt)
        tries.append(put(question, model, time.monotonic))
    return tries


def fault(result: Result) -> str:
    """Return in a few words what an answer was refused for first.

    Args:
        result: one that failed.
    """
    if result.failure is not Failure.UNGROUNDED:
        return str(result.failure)
    return next((kind for text, kind in _FAULTS if text in result.problems[0]), "a claim")


def _report(name: str, told: Sequence[Sequence[Result]], inventions: int) -> None:
    first = [tries[0].seconds for tries in told]
    every = [one.seconds for tries in told for one in tries]
    logger.info("model %s, %d incidents, %d answers", name, len(told), len(every))
    for outcome, number in Counter(_outcome(tries) for tries in told).most_common():
        logger.info("  %-40s %3d  %3.0f %%", outcome, number, 100 * number / len(told))
    logger.info("  %-40s %3d", "answers that were refused", sum(one.failure is not None for t in told for one in t))
    faults = Counter(fault(one) for tries in told for one in tries if one.failure is not None)
    for kind, number in faults.most_common():
        logger.info("    first for %-34s %3d", kind, number)
    for what, seconds in (("first answers", first), ("all answers", every)):
        p95 = quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
        logger.info("  time of %s: median %.1f s, p95 %.1f s, longest %.1f s", what, median(seconds), p95, max(seconds))
    logger.info("  published texts with a number or a service without evidence: %d", inventions)


def _outcome(tries: Sequence[Result]) -> str:
    if tries[-1].failure is None:
        return "accepted at once" if len(tries) == 1 else "accepted on retry"
    return f"rejected: {tries[-1].failure.value}"


def _invents(result: Result, anomalies: tuple[Anomaly, ...]) -> bool:
    if result.account is None:
        return False
    return bool(ungrounded_numbers(result.account, anomalies) or unknown_services(result.account, anomalies))


def _shown(result: Result) -> str:
    said = result.account.headline if result.account is not None else f"{result.failure}: {result.detail[:100]}"
    return f"{result.seconds:.1f} s {said}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
