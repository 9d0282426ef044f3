"""Disturbances: what the platform must make of every message is exactly what the account says."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.corpus import CASES
from contracts.event import Reason, Rejected, parse_event
from contracts.times import from_epoch_ms
from generator.account import Kind, Message, Sent
from generator.broken_messages import BROKEN
from generator.disturbances import Disturbances
from generator.disturbed_stream import DisturbedStream, late_messages
from generator.row import Row

START_MS = 1_700_000_000_000
STEP_MS = 100
NOW = from_epoch_ms(START_MS) + timedelta(hours=3)
FUTURE_MS = START_MS + 2 * 86_400_000
OLDEST_COUNTED = from_epoch_ms(START_MS) - timedelta(days=8)

shares = st.floats(0, 1)
disturbances = st.builds(
    Disturbances,
    duplicates=shares,
    broken=shares,
    disorder_seconds=st.floats(0, 20),
    future=st.integers(0, 10),
    late=st.integers(0, 10),
    repeat_within_seconds=st.floats(0, 100),
    seed=st.integers(),
)


def rows(number: int) -> list[Row]:
    return [Row(f"d-{i}", START_MS + STEP_MS * i, "checkout", "/a", 1.0, 200, None) for i in range(number)]


def mixed(number: int, wanted: Disturbances) -> list[Message]:
    stream = list(DisturbedStream(wanted, number, FUTURE_MS).messages(rows(number)))
    return stream + late_messages(rows(number)[0], STEP_MS * number, wanted.late)


def judged(messages: Iterable[Message]) -> Counter[str]:
    """Judge as the platform does: by the contract, then by age, then by identity."""
    verdicts: Counter[str] = Counter()
    seen: set[str | None] = set()
    for message in messages:
        try:
            event = parse_event(message.value, NOW)
        except Rejected as rejected:
            verdicts[rejected.reason] += 1
            continue
        late = event.event_time < OLDEST_COUNTED
        verdicts[Kind.LATE if late else Kind.DUPLICATE if event.event_id in seen else Kind.GOOD] += 1
        seen.add(event.event_id)
    return verdicts


def account(messages: Iterable[Message]) -> Sent:
    sent = Sent()
    sent.add(messages)
    return sent


@given(st.integers(1, 60), disturbances, st.integers(0, 200))
def test_the_account_is_what_the_platform_finds_wherever_it_is_interrupted(
    number: int, wanted: Disturbances, interrupted_after: int
) -> None:
    messages = mixed(number, wanted)
    for part in (messages[:interrupted_after], messages):
        sent, found = account(part), judged(part)
        classes = (sent.good, sent.duplicate, sent.late, sent.future)
        assert classes == (found[Kind.GOOD], found[Kind.DUPLICATE], found[Kind.LATE], found[Reason.FUTURE])
        assert sent.invalid == {reason: found[reason] for reason in Reason if reason != "future" and found[reason]}
        assert sent.messages == len(part) == found.total()


@given(st.integers(1, 60), disturbances)
def test_every_event_is_sent_and_every_number_is_kept(number: int, wanted: Disturbances) -> None:
    sent = account(mixed(number, wanted))
    assert (sent.good, sent.future, sent.late) == (number, wanted.future, wanted.late)


@given(st.integers(1, 60), disturbances)
def test_events_are_held_back_no_longer_than_asked(number: int, wanted: Disturbances) -> None:
    messages = list(DisturbedStream(wanted, number, FUTURE_MS).messages(rows(number)))
    limits = {
        Kind.GOOD: wanted.disorder_seconds,
        Kind.DUPLICATE: wanted.disorder_seconds + wanted.repeat_within_seconds,
    }
    for message in messages:
        if message.kind in (Kind.GOOD, Kind.DUPLICATE):
            held_back = from_epoch_ms(message.leaves_ms) - parse_event(message.value, NOW).event_time
            assert timedelta() <= held_back <= timedelta(seconds=limits[Kind(message.kind)])
    assert [message.leaves_ms for message in messages] == sorted(message.leaves_ms for message in messages)


def test_the_same_seed_disturbs_in_the_same_way() -> None:
    wanted = Disturbances(duplicates=0.2, broken=0.2, disorder_seconds=3, future=3, late=3, seed=5)
    assert mixed(200, wanted) == mixed(200, wanted)
    assert mixed(200, wanted) != mixed(200, Disturbances(0.2, 0.2, 3, 3, 3, seed=6))


def test_shares_are_about_what_was_asked() -> None:
    sent = account(mixed(5_000, Disturbances(duplicates=0.1, broken=0.05)))
    assert 400 < sent.duplicate < 600
    assert 180 < sum(sent.invalid.values()) < 320


def test_duplicates_come_shortly_after_and_far_later() -> None:
    messages = mixed(5_000, Disturbances(duplicates=0.1))
    sent_at = {message.value: message.leaves_ms for message in messages if message.kind == Kind.GOOD}
    gaps = [message.leaves_ms - sent_at[message.value] for message in messages if message.kind == Kind.DUPLICATE]
    assert sum(gap <= 1_000 for gap in gaps) > 150
    assert sum(gap > 100_000 for gap in gaps) > 100


def test_without_disturbances_the_rows_are_sent_as_they_are() -> None:
    messages = mixed(50, Disturbances())
    assert [message.leaves_ms for message in messages] == [row.event_time_ms for row in rows(50)]
    assert account(messages).good == 50


def test_every_reason_occurs_before_any_occurs_again() -> None:
    reasons = [reason for reason in Reason if reason != Reason.FUTURE]
    assert sorted(case.verdict for case in BROKEN[: len(reasons)]) == sorted(reasons)
    assert len(BROKEN) == sum(case.verdict not in ("ok", "future") for case in CASES)
