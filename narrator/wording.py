"""Numbers with their units, moments and names, as a reader likes to see them."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from contracts.anomalies import MetricName
from contracts.times import WINDOW

MAX_NAME_LENGTH = 80
"""Longer names of services and endpoints are cut, in characters."""

_PLAIN = re.compile(r"(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) )?[\w./:{}<>*@~+=?&$-]*\w[\w./:{}<>*@~+=?&$-]*|/")
_SMALLEST = 0.001
_LARGEST = 1e15


def rounded(number: float) -> str:
    """Return a number with two digits below 10, and as a whole from there on.

    >>> rounded(0.2134), rounded(181.25), rounded(1234.0), rounded(0.0)
    ('0.21', '181', '1,234', '0')
    """
    if number < 0:
        return f"-{rounded(-number)}"
    if number == 0:
        return "0"
    if number < _SMALLEST:
        return f"under {_SMALLEST}"
    if number >= _LARGEST:
        return f"{number:.2g}"
    return f"{number:,.0f}" if number >= 9.95 else format(Decimal(f"{number:.2g}"), "f")


def percent(ratio: float) -> str:
    """Return a ratio as a percentage; nearly all is not rounded to all while two decimals tell them apart.

    >>> percent(0.3625), percent(0.002), percent(0.9996)
    ('36 %', '0.2 %', '99.96 %')
    """
    if 0.99 < ratio < 1:
        shown = next((text for text in (f"{ratio:.1%}", f"{ratio:.2%}") if not text.startswith("100")), "100%")
        return shown.replace("%", " %")
    return f"{rounded(ratio * 100)} %"


def latency(seconds: float) -> str:
    """Return a latency: milliseconds below one second.

    >>> latency(0.2304), latency(1.2)
    ('230 ms', '1.2 s')
    """
    return f"{rounded(seconds * 1000)} ms" if seconds < 0.9995 else f"{rounded(seconds)} s"


def rate(requests_per_second: float) -> str:
    """Return a request rate."""
    return f"{rounded(requests_per_second)} req/s"


def per_minute(requests_per_second: float) -> int:
    """Return the requests that a rate makes in a window."""
    return round(requests_per_second * WINDOW.total_seconds())


def measured(metric: MetricName, value: float) -> str:
    """Return a value of a metric with its unit."""
    if metric is MetricName.ERROR_RATIO:
        return percent(value)
    return latency(value) if metric is MetricName.LATENCY_P95 else rate(value)


def count(number: int, noun: str) -> str:
    """Return a number of things.

    >>> count(1, "request"), count(1200, "request"), count(0, "request")
    ('1 request', '1,200 requests', 'no requests')
    """
    if number == 0:
        return f"no {noun}s"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def clock(moment: datetime) -> str:
    """Return hour and minute in UTC.

    >>> from datetime import UTC
    >>> clock(datetime(2026, 1, 1, 13, 37, tzinfo=UTC))
    '13:37'
    """
    return f"{moment:%H:%M}"


def listing(names: Sequence[str]) -> str:
    """Return names as a sentence lists them.

    >>> listing(["a"]), listing(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def clip(text: str, limit: int) -> str:
    """Return the text, cut to at most ``limit`` characters, the last one ``…`` then."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def name(untrusted: str) -> str:
    """Return a service's or endpoint's name fit for a line of text: printable, and not too long."""
    return clip("".join(letter if letter.isprintable() else "?" for letter in untrusted), MAX_NAME_LENGTH)


def spoken(untrusted: str) -> str:
    """Return a name as it stands in a sentence: in quotes when it is more than one word, without quotes of its own.

    >>> spoken("GET /api/cart"), spoken("all is well")
    ('GET /api/cart', '"all is well"')
    """
    shown = name(untrusted)
    if not shown or is_plain(shown):
        return shown
    return '"' + re.sub('["\u201c\u201d]', "'", shown) + '"'


def is_plain(shown: str) -> bool:
    """Whether a name is one word, or an HTTP method and a path, and none of it reads like a number or a quote."""
    return re.search(r"[^\W\d]|/", shown) is not None and _PLAIN.fullmatch(shown) is not None
