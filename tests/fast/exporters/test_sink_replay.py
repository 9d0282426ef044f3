"""The same messages give the same tables, however they are split, interleaved, repeated or replayed."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.records import Record, WindowUpdate
from exporters.store.database import IN_MEMORY, Database
from exporters.store.sink import Sink
from runtime.topic_log import Message
from tests.fast.exporters.conftest import unobserved
from tests.fast.exporters.incidents import FOUND, INJECTED, TOLD, anomaly, injection, summary
from tests.fast.exporters.tables import contents
from tests.fast.exporters.traffic import LETTERS, PARTITIONS, batch_end, dead_letter, messages, update

BUCKETS = st.tuples(
    st.sampled_from((-638, -96, -95, 40)), st.integers(1, 50), st.just(0), st.floats(0, 100), st.floats(0, 100)
)
UPDATES = st.builds(
    update,
    st.lists(BUCKETS, max_size=3),
    st.sampled_from((0, 1, 59, 60)),
    st.sampled_from(("checkout", "search")),
    st.sampled_from(("/a", "/b")),
    st.integers(0, 3),
)
IDS, REVISIONS, SEVERITIES = st.sampled_from("ab"), st.integers(1, 3), st.sampled_from(("warning", "critical"))
INCIDENT_RECORDS = {
    FOUND: st.builds(
        lambda key, revision, severity: anomaly(key, revision=revision, severity=severity), IDS, REVISIONS, SEVERITIES
    ),
    TOLD: st.builds(
        lambda key, revision, source: summary(key, revision, source=source),
        IDS,
        REVISIONS,
        st.sampled_from(("llm", "template")),
    ),
    INJECTED: st.builds(
        lambda key, revision, end: injection(key, end=end, revision=revision), IDS, REVISIONS, REVISIONS
    ),
}


@st.composite
def logs(draw: st.DrawFn) -> list[list[Message]]:
    ends = [batch_end(number) for number in range(draw(st.integers(0, 3)))]
    each: list[list[Record | bytes | None]] = [[*draw(st.lists(UPDATES, max_size=6)), b"{", *ends] for _ in PARTITIONS]
    letters = [dead_letter(offset) for offset in (3, 4, 3)]
    return [
        *(messages(records, source) for records, source in zip(each, PARTITIONS, strict=True)),
        messages(letters, LETTERS),
        *(messages(draw(st.lists(records, max_size=5)), source) for source, records in INCIDENT_RECORDS.items()),
    ]


def delivered(log: list[Message], random: Random) -> list[Message]:
    """One partition as it is read with restarts: forward, now and then from an earlier offset again."""
    sequence: list[Message] = []
    position = 0
    while position < len(log):
        end = random.randint(position + 1, len(log))
        sequence += log[position:end]
        position = random.randint(0, end) if random.random() < 0.3 else end
    return sequence


def batches(log: list[list[Message]], random: Random) -> list[list[Message]]:
    queues = [delivered(each, random) for each in log]
    found: list[list[Message]] = [[]]
    while any(queues):
        queue = random.choice([each for each in queues if each])
        found[-1] += [queue.pop(0) for _ in range(random.randint(1, len(queue)))]
        if random.random() < 0.5:
            found.append([])
    return found


def tables_after(parts: list[list[Message]]) -> dict[str, list[tuple[object, ...]]]:
    database = Database.open(IN_MEMORY, threads=1)
    sink = Sink(database, unobserved)
    for part in parts:
        sink.apply("A", part)
    found = contents(database)
    database.close()
    return found


@given(log=logs(), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=15)
def test_any_delivery_of_the_same_messages_gives_the_same_tables(log: list[list[Message]], seed: int) -> None:
    everything = [message for partition in log for message in partition]
    assert tables_after(batches(log, Random(seed))) == tables_after([everything])


@given(log=logs())
@settings(deadline=None, max_examples=5)
def test_a_full_replay_changes_nothing(log: list[list[Message]]) -> None:
    everything = [message for partition in log for message in partition]
    assert tables_after([everything, everything]) == tables_after([everything])


def test_the_updates_of_the_property_cover_every_table() -> None:
    assert issubclass(WindowUpdate, Record)
    parts = [
        messages([update(), batch_end()]),
        messages([dead_letter()], LETTERS),
        messages([anomaly()], FOUND),
        messages([summary()], TOLD),
        messages([injection()], INJECTED),
    ]
    assert all(tables_after(parts).values())
