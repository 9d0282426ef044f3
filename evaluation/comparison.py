"""Detectors side by side on the same recording: the live engine with its rules, and the plain rules."""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.anomalies import Anomaly
from detector.settings import DetectorSettings
from evaluation.alarms import Alarm, Label
from evaluation.live_engine import alarms, anomalies
from evaluation.plain_rules import PLAIN_RULES, plain_alarms
from evaluation.recorded import Recording
from evaluation.scoring import Figures, score

DETECTOR = "detector"
"""The name of the live engine in every table."""


class Scored(NamedTuple):
    """One detector on one recording. ``anomalies`` are those of the live engine; plain rules have none."""

    name: str
    alarms: Sequence[Alarm]
    figures: Figures
    anomalies: Sequence[Anomaly] = ()


def compared(recording: Recording, labels: Sequence[Label], settings: DetectorSettings) -> list[Scored]:
    """Return the scores of the live engine, first, and of the plain rules."""
    batches = list(recording.batches())
    found = anomalies(batches, settings)
    own = recording.recorded_time(alarms(found))
    results = [Scored(DETECTOR, own, score(own, labels, recording.span), found)]
    for name, rules in PLAIN_RULES.items():
        theirs = recording.recorded_time(plain_alarms(batches, rules))
        results.append(Scored(name, theirs, score(theirs, labels, recording.span)))
    return results
