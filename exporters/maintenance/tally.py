"""Putting together what was found in many slices of a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts.times import to_rfc3339
from exporters.store.findings import Check, Finding

MAX_SUBJECTS = 1_000
"""Of more subjects the rest is left out: a table that is wrong throughout must not fill the memory."""


@dataclass
class _Entry:
    newest: datetime
    affected: int = 0


class Tally:
    """Adds up what is wrong by check, subject and words."""

    def __init__(self) -> None:
        self._entries: dict[tuple[Check, str, str], _Entry] = {}

    def add(self, check: Check, subject: str, words: str, newest: datetime, affected: int) -> None:
        """Add what one slice holds; ``newest`` is the moment of the newest row there."""
        key = (check, subject, words)
        if key not in self._entries and len(self._entries) >= MAX_SUBJECTS:
            return
        entry = self._entries.setdefault(key, _Entry(newest))
        entry.newest = max(entry.newest, newest)
        entry.affected += affected

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for each, in the order in which they were met."""
        for (check, subject, words), entry in self._entries.items():
            detail = f"{words[:1].upper()}{words[1:]}; the newest is of {to_rfc3339(entry.newest)}."
            yield Finding(check, subject, detail, entry.affected)
