"""One recorded request, and how a line of a recording becomes one.

Rows are held to the rules of the event schema while they are read: what a replay sends as good is good by construction.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import NamedTuple

from contracts.event import RULES
from contracts.times import to_epoch_ms

COLUMNS = ("ts_ms", "service", "endpoint", "latency_ms", "trace_id")
"""Columns that every recording has, in any order."""

STATUS_COLUMN = "status_code"
"""A column that a recording may have."""

STATUS_WHERE_UNKNOWN = 200
"""Status of a request that was recorded without one."""

_LAST_EPOCH_MS = to_epoch_ms(datetime(9999, 12, 31, tzinfo=UTC))
_LATENCY_MIN = RULES["latency_ms"].minimum or 0.0
_LATENCY_MAX = RULES["latency_ms"].maximum or 0.0
_STATUS_MIN = RULES["status_code"].minimum or 0.0
_STATUS_MAX = RULES["status_code"].maximum or 0.0


class Row(NamedTuple):
    """One recorded request. ``event_time_ms`` is in milliseconds since 1970 UTC, shifted as the replay asked."""

    event_id: str
    event_time_ms: int
    service: str
    endpoint: str
    latency_ms: float
    status_code: int
    trace_id: str | None


# Half the time of calling the class, for each of millions of rows.
_row = partial(tuple.__new__, Row)


class RowParser:
    """Reads the lines of one recording, whose header says where each column is."""

    def __init__(self, header: Sequence[str]) -> None:
        """Find the columns.

        Raises:
            ValueError: columns are missing, or are there twice.
        """
        _check_header(header)
        self._width = len(header)
        self._take = itemgetter(*(header.index(name) for name in COLUMNS))
        self._status = header.index(STATUS_COLUMN) if STATUS_COLUMN in header else None

    def parse(self, fields: Sequence[str], event_id: str, shift_ms: int) -> Row:
        """Return the request of one line.

        Raises:
            ValueError: naming the column and what is wrong with it.
        """
        if len(fields) != self._width:
            raise ValueError(f"the line has {len(fields)} fields, the header has {self._width}")
        ts_ms, service, endpoint, latency, trace_id = self._take(fields)
        return _row(
            (
                event_id,
                _epoch_ms(ts_ms) + shift_ms,
                _service(service),
                _endpoint(endpoint),
                _latency_ms(latency),
                STATUS_WHERE_UNKNOWN if self._status is None else _status_code(fields[self._status]),
                _trace_id(trace_id) if trace_id else None,
            )
        )


def _check_header(header: Sequence[str]) -> None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise ValueError(f"the header lacks {', '.join(missing)}; it has {', '.join(header) or 'no columns'}")
    repeated = sorted({name for name in (*COLUMNS, STATUS_COLUMN) if header.count(name) > 1})
    if repeated:
        raise ValueError(f"the header has {', '.join(repeated)} more than once")


def _epoch_ms(text: str) -> int:
    if not text.isdecimal() or (moment := int(text)) > _LAST_EPOCH_MS:
        raise ValueError(f"ts_ms {text!r} is not a whole number of milliseconds since 1970, before the year 10000")
    return moment


def _latency_ms(text: str) -> float:
    try:
        latency = float(text)
    except ValueError as error:
        raise ValueError(f"latency_ms {text!r} is not a number") from error
    if "_" in text or not _LATENCY_MIN <= latency <= _LATENCY_MAX:
        raise ValueError(f"latency_ms {text!r} is not a number in [{_LATENCY_MIN:.0f}, {_LATENCY_MAX:.0f}]")
    return latency


@lru_cache(maxsize=1024)
def _status_code(text: str) -> int:
    if not text:
        return STATUS_WHERE_UNKNOWN
    if not (text.isdecimal() and _STATUS_MIN <= int(text) <= _STATUS_MAX):
        raise ValueError(f"status_code {text!r} is not a whole number in [{_STATUS_MIN:.0f}, {_STATUS_MAX:.0f}]")
    return int(text)


def _matching(column: str, text: str) -> str:
    if re.fullmatch(RULES[column].pattern or "", text) is None:
        raise ValueError(f"{column} {text!r} does not match {RULES[column].pattern}")
    return text


_service, _endpoint, _trace_id = (
    lru_cache(maxsize=65_536)(partial(_matching, column)) for column in ("service", "endpoint", "trace_id")
)
