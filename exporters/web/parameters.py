"""Reading query parameters: strictly, and with the meaning that Grafana gives to lists."""

import json
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from werkzeug.datastructures import MultiDict

from contracts.event import RULES
from contracts.times import from_epoch_ms, to_epoch_ms
from exporters.store.selection import Span
from exporters.web.errors import ParameterError

MAX_VALUE_CHARACTERS = 8_192
LAST_MS = to_epoch_ms(datetime.max.replace(tzinfo=UTC))

_ALL = {".*", "$__all"}
_SEPARATOR = re.compile(r"(?<!\\)[,|]")
_ESCAPED = re.compile(r"\\([\\.+*?()|\[\]{}^$/-])")


class Parameters:
    """The query parameters of one request."""

    def __init__(self, arguments: MultiDict[str, str], known: Collection[str]) -> None:
        """Check names and lengths.

        Raises:
            ParameterError: a parameter is not among the known ones, or a value is too long.
        """
        for name, value in arguments.items(multi=True):
            if name not in known:
                raise ParameterError(f"unknown parameter {name!r}; known are {', '.join(sorted(known))}")
            if len(value) > MAX_VALUE_CHARACTERS:
                raise ParameterError(f"{name} has {len(value)} characters, allowed are {MAX_VALUE_CHARACTERS}")
        self._arguments = arguments

    def names(self, name: str) -> list[str] | None:
        """Return the listed names, or None for all of them: when none is given, or ``.*`` or ``$__all`` is."""
        listed = [item for value in self._arguments.getlist(name) for item in _listed(value)]
        return None if not listed or not _ALL.isdisjoint(listed) else sorted(set(listed))

    def choices(self, name: str, allowed: Collection[str]) -> list[str] | None:
        """Return the listed ones of a few names, or None for all of them.

        Raises:
            ParameterError: one is not among those that are allowed.
        """
        chosen = self.names(name)
        if chosen is not None and not set(chosen) <= set(allowed):
            raise ParameterError(f"{name} is {' or '.join(allowed)}, not {','.join(chosen)!r}")
        return chosen

    def ids(self, name: str) -> list[str] | None:
        """Return the listed ids, none of them for an empty value; None when the parameter is not given, or is All."""
        if name not in self._arguments:
            return None
        listed = [item for value in self._arguments.getlist(name) for item in _listed(value)]
        return listed if _ALL.isdisjoint(listed) else None

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number.

        Raises:
            ParameterError: it is no number from ``least`` to ``most``.
        """
        text = self._arguments.get(name)
        if not text:
            return default
        if re.fullmatch(r"[0-9]{1,18}", text) is None or not least <= int(text) <= most:
            raise ParameterError(f"{name} is a whole number from {least} to {most}, not {text!r}")
        return int(text)

    def moment_ms(self, name: str) -> int | None:
        """Return a time in epoch milliseconds, None when none is given.

        Raises:
            ParameterError: it is neither epoch milliseconds nor RFC 3339 with a zone.
        """
        text = self._arguments.get(name)
        if not text:
            return None
        try:
            return _moment_ms(text)
        except (ValueError, OverflowError) as error:
            raise ParameterError(f"{name} is epoch milliseconds or RFC 3339 with a zone, not {text!r}") from error

    def span(self, default_length: timedelta | None = None, newest_ms: int | None = None) -> Span:
        """Return the range from ``from`` to ``to``; without a default length an open end is open.

        Raises:
            ParameterError: a time is wrong, or from is after to.
        """
        from_ms, to_ms = self.moment_ms("from"), self.moment_ms("to")
        if from_ms is not None and to_ms is not None and from_ms > to_ms:
            raise ParameterError(f"from ({from_ms}) is after to ({to_ms})")
        if to_ms is None:
            to_ms = LAST_MS if newest_ms is None else max(newest_ms, from_ms or 0)
        if from_ms is None:
            from_ms = 0 if default_length is None else max(0, to_ms - default_length // timedelta(milliseconds=1))
        return Span(from_ms, to_ms)


def _moment_ms(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,15}", text) is not None:
        return to_epoch_ms(from_epoch_ms(int(text)))
    # In a query string an unescaped plus arrives as a blank.
    text = text.replace(" ", "+")
    if re.fullmatch(RULES["event_time"].pattern or "", text) is None:
        raise ValueError("no zone")
    return max(0, to_epoch_ms(datetime.fromisoformat(text)))


def _listed(value: str) -> list[str]:
    if value.startswith("["):
        return _json_list(value)
    for opening, closing in ("()", "{}"):
        if value.startswith(opening) and value.endswith(closing):
            value = value[1:-1]
    return [_ESCAPED.sub(r"\1", item) for item in _SEPARATOR.split(value) if item]


def _json_list(value: str) -> list[str]:
    try:
        items = json.loads(value)
        # Half a surrogate pair can be written in JSON, but no name holds it.
        json.dumps(items, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ParameterError(f"{value[:100]!r} begins as a JSON list and is none") from error
    if not all(isinstance(item, str) for item in items):
        raise ParameterError(f"{value[:100]!r} is not a list of names")
    return [item for item in items if item]
