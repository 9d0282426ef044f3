"""In transit to the topic: duplicates, disorder and broken messages, in the shares that were asked for."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.event import Reason, Rejected, parse_event
from generator.account import Kind, Message
from generator.live.transit import Transit
from tests.fast.generator.live.shop import START, Shop, event_time_ms, events

LATER = START + timedelta(days=1)
ROUGH = Transit(duplicates=0.2, disorder=0.3, broken=0.1)


def kinds(messages: list[Message]) -> Counter[Kind | Reason]:
    return Counter(message.kind for message in messages)


def test_every_good_message_is_an_event_and_every_broken_one_is_rejected_for_its_reason() -> None:
    for message in Shop(transit=ROUGH).messages(2):
        if isinstance(message.kind, Kind):
            parse_event(message.value, LATER)
        else:
            with pytest.raises(Rejected, match=f"^{message.kind}"):
                parse_event(message.value, LATER)


def test_the_usual_shares_are_kept() -> None:
    messages = Shop(transit=Transit(duplicates=0.02, disorder=0.05), rate=100).messages(5)
    good = [message for message in messages if message.kind is Kind.GOOD]
    assert kinds(messages)[Kind.DUPLICATE] / len(good) == pytest.approx(0.02, abs=0.004)
    held_back = sum(message.leaves_ms > event_time_ms(message) for message in good)
    assert held_back / len(good) == pytest.approx(0.05, abs=0.006)
    assert set(kinds(messages)) == {Kind.GOOD, Kind.DUPLICATE}


def test_broken_messages_come_on_top_and_for_every_reason() -> None:
    messages = Shop(transit=Transit(broken=0.1)).messages(5)
    broken = {kind: number for kind, number in kinds(messages).items() if isinstance(kind, Reason)}
    assert sum(broken.values()) / kinds(messages)[Kind.GOOD] == pytest.approx(0.1, abs=0.01)
    assert set(broken) == set(Reason) - {Reason.FUTURE}


def test_no_event_is_early_and_none_leaves_ten_seconds_late() -> None:
    messages = [message for message in Shop(transit=ROUGH).messages(5) if isinstance(message.kind, Kind)]
    delays = [message.leaves_ms - event_time_ms(message) for message in messages]
    assert min(delays) >= 0
    assert 8_000 < max(delays) < 10_000


def test_messages_leave_in_order_and_events_out_of_it() -> None:
    messages = Shop(transit=ROUGH).messages(3)
    assert all(before.leaves_ms <= after.leaves_ms for before, after in pairwise(messages))
    times = [event.event_time for event in events(messages)]
    assert any(after < before for before, after in pairwise(times))


def test_a_duplicate_repeats_its_original_soon_after() -> None:
    left_at: dict[bytes | None, int] = {}
    repeats = 0
    for message in Shop(transit=ROUGH).messages(3):
        if message.kind is Kind.GOOD:
            left_at[message.value] = message.leaves_ms
        elif message.kind is Kind.DUPLICATE:
            repeats += 1
            assert 0 <= message.leaves_ms - left_at[message.value] < 5_000
    assert repeats > 500


def test_without_disturbances_there_are_events_alone_in_order() -> None:
    messages = Shop().messages(2)
    assert set(kinds(messages)) == {Kind.GOOD}
    assert [message.leaves_ms for message in messages] == [event_time_ms(message) for message in messages]


@given(st.integers(300, 120_000))
@settings(max_examples=25)
def test_the_messages_are_the_same_however_the_time_is_cut(step_ms: int) -> None:
    cut, whole = (Shop(transit=ROUGH, rate=10).messages(2, step) for step in (step_ms, 120_000))
    assert Counter(cut) == Counter(whole)
    assert [message.leaves_ms for message in cut] == [message.leaves_ms for message in whole]


def test_what_is_in_transit_leaves_before_a_skip() -> None:
    shop = Shop(transit=Transit(disorder=1.0))
    minute_ends = shop.traffic.at_ms + 60_000
    sent = shop.messages(1)
    late = shop.traffic.skip(minute_ends + 120_000)
    assert len(late) > 50
    whole = Shop(transit=Transit(disorder=1.0)).messages(2)
    assert Counter(sent + late) == Counter(message for message in whole if event_time_ms(message) < minute_ends)
