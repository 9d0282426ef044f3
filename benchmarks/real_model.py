"""``python -m benchmarks.real_model [incidents]``: a real model on generated incidents; nothing ungrounded may pass.

The model is the one of the narrator's settings: ``make llm`` starts one. Each incident is asked about as the narrator
does, with one retry that names the fault. The result is the exit code: 1 when a text passed the gate in which another
check, made of other code, finds a number or a service that the records do not hold.
"""

import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from statistics import median

from contracts.anomalies import Anomaly
from contracts.settings import settings_or_exit
from narrator.__main__ import model_of
from narrator.budget import MAX_REFUSALS
from narrator.model import Model
from narrator.prompt import compose
from narrator.question import Question, Result, put
from narrator.settings import NarratorSettings
from tests.fast.narrator.generated import incident
from tests.fast.narrator.oracle import ungrounded_numbers, unknown_services

INCIDENTS = 50

logger = logging.getLogger("benchmarks.real_model")


def main(arguments: Sequence[str]) -> int:
    """Ask about each incident and log the shares of the outcomes and the times; the result is the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    settings = settings_or_exit(NarratorSettings, ())
    model = model_of(settings)
    if model is None:
        logger.error("LLM_BACKEND=none asks no model; set ollama or openai")
        return 1
    incidents = int(arguments[0]) if arguments else INCIDENTS
    outcomes, seconds, inventions = Counter[str](), list[float](), 0
    for seed in range(incidents):
        tries = asked(model, incident(seed), seed)
        outcomes[_outcome(tries)] += 1
        seconds += [one.seconds for one in tries]
        inventions += _invents(tries[-1], incident(seed))
        logger.info("incident %d: %s; %s", seed, _outcome(tries), "; ".join(_shown(one) for one in tries))
    logger.info("model %s, %d incidents, %d answers", model.name, incidents, len(seconds))
    for outcome, number in outcomes.most_common():
        logger.info("  %-22s %3d  %3.0f %%", outcome, number, 100 * number / incidents)
    logger.info("  time of an answer: median %.1f s, longest %.1f s", median(seconds), max(seconds))
    logger.info("  published texts with a number or a service without evidence: %d", inventions)
    return 1 if inventions else 0


def asked(model: Model, anomalies: tuple[Anomaly, ...], seed: int) -> list[Result]:
    """Return what came of the question and of its retry."""
    tries: list[Result] = []
    while len(tries) < MAX_REFUSALS and (not tries or tries[-1].failure is not None):
        prompt = compose(anomalies, tries[-1].problems if tries else ())
        question = Question(f"incident-{seed}", frozenset(one.anomaly_id for one in anomalies), prompt)
        tries.append(put(question, model, time.monotonic))
    return tries


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
