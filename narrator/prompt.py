"""The question to a model: the instructions, and the evidence of an incident within a bound.

Names are untrusted: they are cut, encoded as JSON in ASCII, and the instructions say that they are data.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.anomalies import Anomaly, EvidenceEndpoint, EvidenceService, EvidenceWindow, MetricName
from narrator.figures import bad_minutes, by_importance, failed_in_worst, times_usual
from narrator.wording import clock, latency, measured, name, percent, rounded

INSTRUCTIONS = (Path(__file__).parent / "prompts" / "system.txt").read_text(encoding="utf-8")

MAX_TOKENS = 2_500
"""Bound of a question's length, by ``estimated_tokens``."""

_LETTERS_PER_TOKEN = 4
_PIECE = re.compile(r"[A-Za-z]+|\S")

_MAX_PROBLEMS = 4
_MAX_PROBLEM_LENGTH = 120
_METRICS = {
    MetricName.ERROR_RATIO: "share of requests that failed",
    MetricName.LATENCY_P95: "p95 latency",
    MetricName.REQUEST_RATE: "request rate",
}


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much of the evidence is shown."""

    anomalies: int
    windows: int
    endpoints: int
    services: int


_DETAILS = (
    _Detail(6, 8, 5, 6),
    _Detail(5, 5, 3, 4),
    _Detail(4, 3, 2, 2),
    _Detail(2, 2, 1, 1),
    _Detail(1, 1, 0, 0),
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question. ``shown`` are the anomalies with the part of their evidence that the question holds; ``not_shown`` is
    how many more there are.
    """

    system: str
    user: str
    shown: tuple[Anomaly, ...]
    not_shown: int = 0


def compose(anomalies: Iterable[Anomaly], problems: Sequence[str] = ()) -> Prompt:
    """Return the question about an incident, with as much detail as the bound allows.

    Args:
        anomalies: those of the incident, at least one.
        problems: why an earlier answer was refused, for the model to do better.
    """
    ordered = by_importance(anomalies)
    for detail in _DETAILS:
        lead, others = ordered[0], ordered[1 : detail.anomalies]
        shown = (_reduced(lead, detail), *(_reduced(one, replace(detail, services=0)) for one in others))
        prompt = Prompt(
            INSTRUCTIONS, _rendered(shown, len(ordered)) + _reminder(problems), shown, len(ordered) - len(shown)
        )
        if estimated_tokens(prompt) <= MAX_TOKENS:
            break
    return prompt


def estimated_tokens(prompt: Prompt) -> int:
    """Return how many tokens a question has at most, in the vocabularies of current models.

    Some of them have a token for every digit and mark, which JSON is full of: each counts as one here. A word counts as
    one for each four letters begun.
    """
    pieces = _PIECE.findall(prompt.system) + _PIECE.findall(prompt.user)
    return sum(-(-len(piece) // _LETTERS_PER_TOKEN) for piece in pieces)


def _reduced(anomaly: Anomaly, detail: _Detail) -> Anomaly:
    evidence = anomaly.evidence
    parts = {
        "windows": evidence.windows[len(evidence.windows) - min(detail.windows, len(evidence.windows)) :],
        "endpoints": evidence.endpoints[: detail.endpoints],
        "services": evidence.services[: detail.services],
    }
    return anomaly.model_copy(update={"evidence": evidence.model_copy(update=parts)})


def _rendered(shown: Sequence[Anomaly], total: int) -> str:
    content = {
        "anomalies": [_anomaly(one) for one in shown],
        "anomalies_not_shown": total - len(shown),
        "other_services": [_service(one) for one in shown[0].evidence.services],
    }
    return f"The evidence:\n{json.dumps(content, separators=(',', ':'))}"


def _reminder(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    ascii_only = [problem.encode("ascii", "replace").decode() for problem in problems[:_MAX_PROBLEMS]]
    listed = [problem[:_MAX_PROBLEM_LENGTH] for problem in ascii_only]
    return f"\nYour last answer was refused for these reasons. Do not repeat them:\n{json.dumps(listed)}"


def _anomaly(anomaly: Anomaly) -> dict[str, object]:
    metric, factor, usual = anomaly.metric_name, times_usual(anomaly), anomaly.baseline_value
    shown: dict[str, object] = {
        "service": name(anomaly.service),
        "endpoint": name(anomaly.endpoint) or None,
        "type": anomaly.anomaly_type.value,
        "severity": anomaly.severity.value,
        "since": clock(anomaly.window_start),
        "until": clock(anomaly.window_end),
        "minutes_long": bad_minutes(anomaly),
        "metric": _METRICS[metric],
        "worst": measured(metric, anomaly.metric_value),
        "usual": None if usual is None else measured(metric, usual),
        "limit": measured(metric, anomaly.threshold_value),
        "times_usual": None if factor is None else rounded(factor),
        "requests_in_worst_minute": anomaly.evidence.sample_size,
    }
    if metric is MetricName.ERROR_RATIO:
        shown["failed_in_worst_minute"] = failed_in_worst(anomaly)
    return shown | {
        "columns": ["at or endpoint", "requests", "failed", "p95"],
        "minutes": [_minute(one) for one in anomaly.evidence.windows],
        "endpoints": [_endpoint(one) for one in anomaly.evidence.endpoints],
    }


def _minute(window: EvidenceWindow) -> tuple[object, ...]:
    return clock(window.window_start), window.requests, window.errors, _latency(window.latency_p95_seconds)


def _endpoint(endpoint: EvidenceEndpoint) -> tuple[object, ...]:
    return name(endpoint.endpoint), endpoint.requests, endpoint.errors, _latency(endpoint.latency_p95_seconds)


def _service(other: EvidenceService) -> dict[str, object]:
    return {
        "service": name(other.service),
        "requests": other.requests,
        "failed": _percent(other.error_ratio),
        "usually_failed": _percent(other.usual_error_ratio),
        "p95": _latency(other.latency_p95_seconds),
        "usual_p95": _latency(other.usual_latency_p95_seconds),
    }


def _latency(seconds: float | None) -> str | None:
    return None if seconds is None else latency(seconds)


def _percent(ratio: float | None) -> str | None:
    return None if ratio is None else percent(ratio)
