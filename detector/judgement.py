"""One window of one service through measuring, scoring and deciding."""

from datetime import datetime
from typing import NamedTuple

from detector.decision import Decision, Verdict, decide
from detector.measurement import Measured, measure
from detector.rules import RULES, Rule
from detector.scoring import Score, Usual, scores
from detector.settings import DetectorSettings
from detector.windows import Endpoints


class Judgement(NamedTuple):
    """What is known about a service in a window; ``scores`` and ``decisions`` are in the order of ``Rule``."""

    service: str
    measured: Measured
    usual: Usual
    scores: tuple[Score, ...]
    decisions: tuple[Decision, ...]
    endpoints: Endpoints

    def verdict(self, rule: Rule) -> Verdict:
        """Return what a rule says."""
        return self.decisions[RULES.index(rule)].verdict


def judge(
    service: str, window_start: datetime, endpoints: Endpoints, usual: Usual, settings: DetectorSettings
) -> Judgement:
    """Judge what was counted for a service by what is usual for it."""
    measured = measure(window_start, endpoints.values())
    scored = scores(service, measured, usual, settings)
    decisions = tuple(decide(score, measured, settings) for score in scored)
    return Judgement(service, measured, usual, scored, decisions, endpoints)
