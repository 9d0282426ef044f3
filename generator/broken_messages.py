"""Broken messages: the rejected cases of the corpus, in an order in which every reason comes soon."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest

from contracts.corpus import CASES, Case
from contracts.event import Reason


def _by_turns(cases: Iterable[Case]) -> tuple[Case, ...]:
    by_reason: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_reason[case.verdict].append(case)
    return tuple(case for turn in zip_longest(*by_reason.values()) for case in turn if case is not None)


BROKEN = _by_turns(case for case in CASES if case.verdict not in ("ok", Reason.FUTURE))
"""Every rejected case but the future ones; each reason comes once before any comes again."""
