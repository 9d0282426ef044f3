"""Starting without saved state: silent up to what readers know, then going on from what they were told."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from contracts.anomalies import Anomaly, Severity
from detector.engine import Engine
from detector.settings import DetectorSettings
from detector.warm_up import Published
from tests.fast.detector.counting import CALM, FAILING, MINUTE, START, Minutes, Traffic

BEFORE = [CALM] * 10
ONSET = START + 10 * MINUTE
FEW_ERRORS: Traffic = (100, 5, 0.1)


def told(traffic: Iterable[Traffic]) -> list[Anomaly]:
    """Return what a detector published that saw this traffic."""
    return Minutes().pass_minutes(traffic)


def restarted(published: Iterable[Anomaly], settings: DetectorSettings | None = None) -> Minutes:
    """Return a detector that has lost its state, at the beginning of the counts."""
    known = Published()
    for anomaly in published:
        known.add(anomaly)
    return Minutes(engine=Engine(settings or DetectorSettings(), warm_up=known.warm_up()))


def changed(anomaly: Anomaly, **fields: object) -> Anomaly:
    return anomaly.model_copy(update=fields)


def test_where_nothing_was_published_there_is_no_silence() -> None:
    assert not restarted([]).engine.is_silent
    assert restarted([]).pass_minutes([*BEFORE, FAILING]) == told([*BEFORE, FAILING])


def test_what_readers_know_is_not_told_again_and_what_follows_is() -> None:
    again = restarted(told([*BEFORE, FAILING, FAILING]))
    assert again.pass_minutes([*BEFORE, FAILING, FAILING]) == []
    assert not again.engine.is_silent
    everything = told([*BEFORE, FAILING, FAILING, FAILING, CALM, CALM])
    assert again.pass_minutes([FAILING, CALM, CALM]) == everything[2:]


def test_silence_lasts_while_stream_time_has_not_reached_the_newest_window_that_readers_know() -> None:
    again = restarted(told([*BEFORE, FAILING]))
    assert again.pass_minutes(BEFORE) == []
    assert again.engine.is_silent


def test_an_ending_that_readers_know_is_not_told_again() -> None:
    again = restarted(told([*BEFORE, FAILING, CALM, CALM]))
    assert again.pass_minutes([*BEFORE, FAILING, CALM, CALM]) == []
    assert again.engine.episodes_open == 0


def test_revisions_go_on_above_the_highest_in_the_incident_and_severity_that_readers_know() -> None:
    (first,) = told([*BEFORE, FEW_ERRORS, FEW_ERRORS])
    known = changed(first, revision=7, incident_id="known", severity=Severity.CRITICAL)
    again = restarted([known, changed(known, revision=3)])
    (following,) = again.pass_minutes([*BEFORE, FEW_ERRORS, FEW_ERRORS, FEW_ERRORS])
    assert following.anomaly_id == known.anomaly_id
    assert (following.revision, following.incident_id) == (8, "known")
    assert following.severity is Severity.CRITICAL


@pytest.mark.parametrize(("minutes_before", "joins"), [(4, True), (5, False)])
def test_others_join_the_incident_from_the_onset_that_readers_know(minutes_before: int, joins: bool) -> None:
    (opened,) = told([*BEFORE, FAILING])
    start = ONSET - minutes_before * MINUTE
    of_the_same_incident = changed(opened, anomaly_id="x", window_start=start, resolved=True, resolved_at=ONSET)
    again = restarted([opened, of_the_same_incident])
    again.pass_minutes([*BEFORE, FAILING])
    _, spike = again.pass_minutes([(100, 20, 1.5)])
    assert (spike.incident_id == opened.incident_id) is joins


def test_an_anomaly_that_cannot_be_judged_again_is_closed() -> None:
    known = told([*BEFORE, FAILING, FAILING])
    again = restarted(known)
    assert again.pass_minutes([CALM] * 11) == []
    (closed,) = again.pass_minutes([CALM])
    assert (closed.anomaly_id, closed.revision) == (known[-1].anomaly_id, 3)
    assert (closed.resolved, closed.resolved_at) == (True, ONSET + 2 * MINUTE)
    assert closed.evidence == known[-1].evidence
    assert closed.description.endswith("closed after the detector lost its state and could not judge it again")


def test_a_gap_in_the_counts_closes_it_as_well() -> None:
    again = restarted(told([*BEFORE, FAILING]))
    again.minute = 100_000
    (closed,) = again.pass_minutes([CALM])
    assert (closed.resolved, closed.resolved_at) == (True, ONSET + MINUTE)


def test_an_ending_that_readers_missed_is_told_as_it_was() -> None:
    opened, ended = told([*BEFORE, FAILING, CALM, CALM])
    later = {"window_end": ONSET + 30 * MINUTE, "detected_at": ONSET + 31 * MINUTE}
    newer = changed(opened, anomaly_id="newer", resolved=True, resolved_at=ONSET, **later)
    again = restarted([opened, newer])
    (closed,) = again.pass_minutes([*BEFORE, FAILING] + [CALM] * 29)
    assert closed == ended


def test_an_anomaly_that_readers_hold_resolved_is_not_opened_again() -> None:
    opened, ended = told([*BEFORE, FAILING, CALM, CALM])
    again = restarted([opened, ended])
    again.pass_minutes([*BEFORE, FAILING])
    (other,) = again.pass_minutes([FAILING])
    assert (other.revision, other.window_start) == (1, ONSET + MINUTE)
    assert other.baseline_value == 0


@pytest.mark.parametrize("reverse", [False, True])
def test_of_repeated_revisions_the_highest_counts_whatever_the_order(reverse: bool) -> None:
    first, second, final = told([*BEFORE, FAILING, FAILING, CALM, CALM])
    repeated = changed(final, emitted_at=final.emitted_at + timedelta(hours=1))
    again = restarted(sorted([first, second, repeated, final], key=lambda each: each.revision, reverse=reverse))
    assert again.pass_minutes([CALM] * 13) == []


def test_after_a_closing_a_further_start_has_nothing_to_add() -> None:
    known = told([*BEFORE, FAILING])
    closing = restarted(known).pass_minutes([CALM] * 12)
    assert restarted([*known, *closing]).pass_minutes([CALM] * 12) == []
