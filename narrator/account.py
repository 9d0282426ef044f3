"""The words of a summary, before they become a record of the topic."""

from dataclasses import dataclass
from typing import Literal

MAX_LINE = 300
"""Longest line of a summary, in characters, as contracts/summaries.py has it."""

MAX_PARAGRAPH = 2_000
"""Longest paragraph of a summary, in characters."""

MAX_AFFECTED = 10
"""Most entries in the list of what is affected."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a summary says; the template's words or a model's."""

    headline: str
    summary: str
    impact: str
    most_affected: tuple[str, ...]
    hypothesis: str | None
    check_first: tuple[str, ...]
    confidence: Literal["low", "medium", "high"]
