"""Describe: one plain sentence that says with numbers and units why an anomaly was called, or how it ended."""

from datetime import datetime, timedelta

from detector.episodes import BadWindow, Ending, Episode
from detector.rules import Rule

_ENDINGS = {
    Ending.BACK_TO_NORMAL: "back to normal since {end}",
    Ending.NO_DATA: "closed because there was no data to judge by any more after {end}",
    Ending.NEW_NORMAL: "still so at {end}, which is accepted as the new usual",
}


def describe(episode: Episode, ending: Ending | None, *, is_running: bool = False) -> str:
    """Return the sentence on an episode's worst window, with how it ended once it has.

    ``is_running`` is whether that window is not over yet.
    """
    bad = episode.worst
    what = _what(episode.rule, bad.value, bad.requests)
    usual = _usual(episode.rule, bad.expected)
    limit = quantity(episode.rule, bad.threshold)
    minute = f"in the minute from {_beginning(bad)}"
    if is_running and bad.seconds_before == 0:
        minute = f"{minute}, which is not over yet"
    sentence = f"{what} {minute}; {usual}, the limit {limit}"
    if episode.never_seen_days is not None:
        days = "on the day before" if episode.never_seen_days == 1 else f"in {episode.never_seen_days} days before"
        sentence = f"{sentence}; nothing like it was seen {days}"
    return sentence if ending is None else f"{sentence}; {_ENDINGS[ending].format(end=_clock(episode.window_end))}"


def _what(rule: Rule, value: float, requests: int) -> str:
    match rule:
        case Rule.ERROR_RATE:
            return f"{quantity(rule, value)} of {requests} requests failed"
        case Rule.LATENCY_SLA:
            return f"p95 latency of {requests} requests was {quantity(rule, value)}"
        case Rule.TRAFFIC_DROP if value == 0:
            return "no request came"
        case Rule.TRAFFIC_DROP:
            return f"only {quantity(rule, value)} came"
        case Rule.TRAFFIC_SURGE:
            return f"{quantity(rule, value)} came"


def _usual(rule: Rule, expected: float | None) -> str:
    if expected is None:
        return "what is usual is not known yet"
    return f"usual over the last hour is {quantity(rule, expected)}"


def _beginning(bad: BadWindow) -> str:
    """Write when the minute of a bad window's value began: to the second where that is no window's beginning."""
    if bad.seconds_before == 0:
        return _clock(bad.window_start)
    return f"{bad.window_start - timedelta(seconds=bad.seconds_before):%H:%M:%S} UTC"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC"


def quantity(rule: Rule, value: float) -> str:
    """Return a value of a rule's metric as a reader writes it, to three digits.

    >>> quantity(Rule.ERROR_RATE, 0.3571), quantity(Rule.LATENCY_SLA, 0.4661), quantity(Rule.LATENCY_SLA, 1.5)
    ('35.7 %', '466 ms', '1.5 s')
    """
    if rule is Rule.ERROR_RATE:
        return f"{_digits(100 * value)} %"
    if rule is not Rule.LATENCY_SLA:
        return f"{_digits(value)} requests/s"
    return f"{_digits(value)} s" if value >= 1 else f"{_digits(1000 * value)} ms"


def _digits(number: float) -> str:
    """Write a number that is not negative to three digits, without an exponent."""
    if number >= 100:
        return f"{number:.0f}"
    if 0 < number < 0.01:
        return "less than 0.01"
    return f"{number:.3g}"
