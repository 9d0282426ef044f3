"""The account that needs no model: every sentence follows from the evidence by a rule."""

from collections.abc import Iterable, Sequence
from typing import Literal

from contracts.anomalies import Anomaly, AnomalyType, EvidenceEndpoint
from narrator.account import MAX_AFFECTED, MAX_LINE, MAX_PARAGRAPH, Account
from narrator.checks import check_first
from narrator.figures import (
    MAX_NAMED_SERVICES,
    bad_minutes,
    by_importance,
    deviates,
    failure_shares,
    is_traffic,
    standing_out,
)
from narrator.sentences import change, headline, impact
from narrator.wording import clip, count, latency, listing, name, per_minute, percent, spoken

MAX_SENTENCES = 4
"""Anomalies of an incident that get a sentence of their own."""

MAX_ENDPOINTS = 3
"""Endpoints of one anomaly in the list of what is affected."""

_MANY_REQUESTS = 200
_FEW_REQUESTS = 50
_LASTING_MINUTES = 3


def account(anomalies: Iterable[Anomaly]) -> Account:
    """Return the template's account of an incident.

    Raises:
        ValueError: there is no anomaly to tell about.
    """
    ordered = by_importance(anomalies)
    if not ordered:
        raise ValueError("an incident has at least one anomaly")
    hypothesis = _hypothesis(ordered)
    return Account(
        headline=clip(headline(ordered[0]) + _also(ordered), MAX_LINE),
        summary=clip(_sentences(ordered), MAX_PARAGRAPH),
        impact=clip(" ".join(impact(one) for one in ordered[:MAX_SENTENCES]), MAX_PARAGRAPH),
        most_affected=_most_affected(ordered),
        hypothesis=None if hypothesis is None else clip(hypothesis, MAX_PARAGRAPH),
        check_first=tuple(clip(line, MAX_LINE) for line in check_first(ordered)),
        confidence=confidence(ordered[0]),
    )


def confidence(anomaly: Anomaly) -> Literal["low", "medium", "high"]:
    """Return how well founded the account is: by requests in the worst window, bad windows, and a known baseline.

    For traffic the requests that were to be expected count as well: that few came is what is found.
    """
    sample = anomaly.evidence.sample_size
    if is_traffic(anomaly) and anomaly.baseline_value is not None:
        sample = max(sample, per_minute(anomaly.baseline_value))
    if sample < _FEW_REQUESTS or anomaly.baseline_value is None:
        return "low"
    return "high" if sample >= _MANY_REQUESTS and bad_minutes(anomaly) >= _LASTING_MINUTES else "medium"


def _also(ordered: Sequence[Anomaly]) -> str:
    others = [spoken(service) for service in _services(ordered) if service != name(ordered[0].service)]
    if not others:
        return ""
    who = listing(others) if len(others) <= 2 else f"{len(others)} other services"
    return f"; {who} also affected"


def _sentences(ordered: Sequence[Anomaly]) -> str:
    told, more = ordered[:MAX_SENTENCES], len(ordered) - MAX_SENTENCES
    sentences = [change(one) for one in told]
    if more > 0:
        verb = "belongs" if more == 1 else "belong"
        plural = "anomaly" if more == 1 else "anomalies"
        sentences.append(f"{more:,} more {plural} {verb} to this incident.")
    return " ".join(sentences)


def _most_affected(ordered: Sequence[Anomaly]) -> tuple[str, ...]:
    endpoints = [entry for one in ordered for entry in _affected_endpoints(one)]
    entries = dict.fromkeys([*_services(ordered), *endpoints])
    return tuple(clip(entry, MAX_LINE) for entry in entries)[:MAX_AFFECTED]


def _affected_endpoints(anomaly: Anomaly) -> list[str]:
    if anomaly.endpoint:
        return [f"{name(anomaly.service)} {name(anomaly.endpoint)}"]
    endpoints: Sequence[EvidenceEndpoint] = [one for one in anomaly.evidence.endpoints if one.requests > 0]
    if anomaly.anomaly_type is AnomalyType.ERROR_SURGE:
        endpoints = [endpoint for endpoint, _ in failure_shares(anomaly)]
    return [f"{name(anomaly.service)} {name(one.endpoint)}" for one in endpoints[:MAX_ENDPOINTS]]


def _services(ordered: Sequence[Anomaly]) -> list[str]:
    return list(dict.fromkeys(name(one.service) for one in ordered))


def _hypothesis(ordered: Sequence[Anomaly]) -> str | None:
    return _one_endpoint(ordered[0]) or _overload(ordered) or _together(ordered)


def _one_endpoint(anomaly: Anomaly) -> str | None:
    endpoint = standing_out(anomaly)
    if endpoint is None:
        return None
    if anomaly.anomaly_type is AnomalyType.ERROR_SURGE:
        share = failure_shares(anomaly)[0][1]
        return f"One endpoint, {spoken(endpoint.endpoint)}, makes {percent(share)} of the failures."
    slow = latency(endpoint.latency_p95_seconds or 0.0)
    return f"One endpoint, {spoken(endpoint.endpoint)}, is slow (p95 {slow}); no other is above the limit."


def _overload(ordered: Sequence[Anomaly]) -> str | None:
    lead = ordered[0]
    surged = any(one.anomaly_type is AnomalyType.TRAFFIC_SURGE and one.service == lead.service for one in ordered)
    if is_traffic(lead) or not surged:
        return None
    return f"Traffic to {spoken(lead.service)} rose at the same time, which points to overload."


def _together(ordered: Sequence[Anomaly]) -> str | None:
    """Other services, of the incident or of the evidence, deviate as well."""
    of_incident = [one.service for one in ordered[1:]]
    of_evidence = [other.service for other in ordered[0].evidence.services if deviates(other)]
    others = list(dict.fromkeys(one for one in [*of_incident, *of_evidence] if one != ordered[0].service))
    if not others:
        return None
    named, more = [spoken(one) for one in others[:MAX_NAMED_SERVICES]], len(others) - MAX_NAMED_SERVICES
    who = listing([*named, count(more, "other service")] if more > 0 else named)
    verb = "deviates" if len(others) == 1 else "deviate"
    return f"{who} {verb} at the same time, which points to something that these services share."
