"""Reading what a request asks for into a filter of the store."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from contracts.anomalies import Severity
from contracts.times import to_epoch_ms
from exporters.store.selection import Filter, Span
from exporters.web.parameters import LAST_MS, Parameters

DEFAULT_RANGE = timedelta(hours=3)
DEFAULT_LIMIT, MAX_LIMIT = 1_000, 10_000
ALWAYS = ("from", "to", "limit")
"""Parameters that every list of rows takes."""
STATES = ("open", "resolved")

Clock = Callable[[], datetime]


def read_filter(asked: Parameters, now: datetime) -> Filter:
    """Return the filter of a request. With ``incident`` given, the range says at which moment but filters nothing.

    Raises:
        ParameterError: a value is not understood.
    """
    now_ms = to_epoch_ms(now)
    span, incidents = asked.span(), asked.ids("incident")
    states = asked.choices("state", STATES)
    return Filter(
        span=span if incidents is None else Span(0, LAST_MS),
        as_of_ms=min(span.to_ms, now_ms),
        now_ms=now_ms,
        limit=asked.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        services=asked.names("service"),
        endpoints=asked.names("endpoint"),
        severities=asked.choices("severity", tuple(Severity)),
        state=states[0] if states is not None and len(states) == 1 else None,
        incidents=incidents,
    )


def asked_filter(arguments: MultiDict[str, str], names: Collection[str], now: datetime) -> Filter:
    """Return the filter of a request that may name some of service, endpoint, severity, state and incident.

    Raises:
        ParameterError: a parameter is unknown, or its value is not understood.
    """
    return read_filter(Parameters(arguments, (*ALWAYS, *names)), now)
