"""Anomalies, summaries and injections: of each id the highest revision, whatever comes when and from where."""

from itertools import permutations

import pytest

from contracts.anomalies import Evidence
from contracts.records import Record
from exporters.store.sink import Sink
from tests.fast.exporters.conftest import Rows
from tests.fast.exporters.incidents import FOUND, HOSTILE, anomaly, apply, injection, summary, template, window
from tests.fast.exporters.traffic import MINUTE, START, messages

ANOMALIES = "SELECT anomaly_id, revision, severity, first_severity, resolved, resolved_at FROM anomalies ORDER BY ALL"


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_the_highest_revision_of_an_anomaly_stays(sink: Sink, rows: Rows, order: tuple[int, ...]) -> None:
    for offset, revision in enumerate(order):
        apply(sink, anomaly(revision=revision, metric_value=float(revision)), first_offset=offset)
    assert rows("SELECT revision, metric_value FROM anomalies") == [{"revision": 3, "metric_value": 3.0}]


def test_one_batch_may_hold_all_revisions_of_several_anomalies(sink: Sink, rows: Rows) -> None:
    apply(sink, anomaly("a", severity="warning"), anomaly("b"), anomaly("a", end=2, severity="critical"))
    resolved_at = START.replace(tzinfo=None) + 2 * MINUTE
    assert [tuple(row.values()) for row in rows(ANOMALIES)] == [
        ("a", 2, "critical", "warning", True, resolved_at),
        ("b", 1, "critical", "critical", False, None),
    ]


def test_of_the_same_revision_the_later_one_stays_and_of_equals_the_first(sink: Sink, rows: Rows) -> None:
    later = START + 5 * MINUTE
    apply(sink, anomaly(description="old"), anomaly(description="new", emitted_at=later))
    apply(sink, anomaly(description="same time", emitted_at=later), first_offset=2)
    assert rows("SELECT description FROM anomalies") == [{"description": "new"}]


def test_the_severity_that_came_first_is_kept_over_batches(sink: Sink, rows: Rows) -> None:
    apply(sink, anomaly(severity="warning"))
    apply(sink, anomaly(revision=2), first_offset=1)
    assert rows("SELECT severity, first_severity FROM anomalies") == [
        {"severity": "critical", "first_severity": "warning"}
    ]


def test_another_cluster_tells_the_same_facts(sink: Sink, rows: Rows) -> None:
    records: list[Record] = [anomaly(), anomaly(end=2), template(), summary(revision=2), injection()]
    for cluster_id in ("A", "B"):
        apply(sink, *records, cluster_id=cluster_id)
    assert [len(rows(f"FROM {table}")) for table in ("anomalies", "incident_summaries", "injections")] == [1, 2, 1]


def test_every_revision_of_a_summary_is_kept(sink: Sink, rows: Rows) -> None:
    apply(sink, summary(revision=2), template(), template(headline="again", emitted_at=START + 9 * MINUTE))
    assert rows("SELECT revision, headline, most_affected FROM incident_summaries ORDER BY revision") == [
        {"revision": 1, "headline": "again", "most_affected": list(template().most_affected)},
        {"revision": 2, "headline": summary().headline, "most_affected": list(summary().most_affected)},
    ]


def test_an_injection_that_ends_early_is_known_to(sink: Sink, rows: Rows) -> None:
    apply(sink, injection(end=1, revision=2), injection(end=3))
    assert rows("SELECT ended_at, revision FROM injections") == [
        {"ended_at": START.replace(tzinfo=None) + MINUTE, "revision": 2}
    ]


def test_hostile_text_is_kept_as_it_is(sink: Sink, rows: Rows) -> None:
    apply(sink, anomaly(HOSTILE[:64], description=HOSTILE + "\x00"), summary(headline=HOSTILE))
    assert rows(
        "SELECT anomaly_id, description, headline FROM anomalies JOIN incident_summaries USING (incident_id)"
    ) == [{"anomaly_id": HOSTILE[:64], "description": HOSTILE + "\x00", "headline": HOSTILE}]


def test_evidence_is_kept_whole(sink: Sink, rows: Rows) -> None:
    evidence = Evidence(rule="r", sample_size=7, windows=(window(value=None, expected=None), window(1)))
    apply(sink, anomaly(evidence=evidence))
    assert Evidence.model_validate_json(rows("SELECT evidence FROM anomalies")[0]["evidence"]) == evidence


def test_anomalies_and_their_offsets_are_written_together(sink: Sink, rows: Rows) -> None:
    sink.apply("A", messages([anomaly(), b"{"], FOUND, first_offset=5))
    assert rows("SELECT topic, next_offset FROM consumed_offsets") == [{"topic": "anomalies", "next_offset": 7}]
