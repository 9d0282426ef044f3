"""Whether an account says something: a text that states nothing false may still state nothing at all."""

import re
from collections.abc import Iterator

from contracts.anomalies import AnomalyType
from narrator.account import Account
from narrator.endpoint_claims import LATENCY
from narrator.facts import Facts
from narrator.names import MARK, Names
from narrator.quantities import FAILING
from narrator.spelling import in_digits, normal

_FEWEST_WORDS = 3
_WORD = re.compile(rf"{MARK}|[^\W_]+")
_TRAFFIC = re.compile(r"\b(?:traffic|volume|load|arriv\w*|receiv\w*|requests?)\b|req/", re.IGNORECASE)
_MEASURES = {
    AnomalyType.ERROR_SURGE: FAILING,
    AnomalyType.LATENCY_SPIKE: LATENCY,
    AnomalyType.TRAFFIC_DROP: _TRAFFIC,
    AnomalyType.TRAFFIC_SURGE: _TRAFFIC,
}


def problems(account: Account, facts: Facts) -> Iterator[str]:
    """Yield what an account leaves out: headline and summary name what deviates most, and say how it deviates."""
    names = Names(facts)
    leading = facts.deviations[0]
    read = {
        place: names.mark(in_digits(normal(text)))
        for place, text in (("headline", account.headline), ("summary", account.summary), ("impact", account.impact))
    }
    for place, text in read.items():
        if len(_WORD.findall(text)) < _FEWEST_WORDS:
            yield f"{place}: it says nothing"
    told = f"{read['headline']} {read['summary']}"
    if not {names.spoken(mark) for mark in re.findall(MARK, told)} & {
        leading.subject.service,
        leading.subject.endpoint,
    }:
        yield f"headline: it does not name {leading.subject.service}"
    if _MEASURES[leading.kind].search(told) is None:
        yield f"summary: it does not say how {leading.subject.service} deviates ({leading.kind.value})"
