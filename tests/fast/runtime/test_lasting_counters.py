"""Counters go on where the process before was last seen."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from runtime.lasting_counters import LastingCounters


class Process:
    """What one start of a service counts and shows."""

    def __init__(self, path: Path) -> None:
        counted = CollectorRegistry()
        self.sent = Counter("sent_total", "Sent.", ("kind",), registry=counted)
        self.seconds = Histogram("took_seconds", "Took.", buckets=(1, 2), registry=counted)
        self.behind = Gauge("behind_seconds", "Behind.", registry=counted)
        self.shown = CollectorRegistry()
        self.shown.register(LastingCounters(counted, path))

    def scrape(self) -> str:
        return generate_latest(self.shown).decode()


def test_a_successor_goes_on_from_what_was_seen(tmp_path: Path) -> None:
    first = Process(tmp_path / "counters.json")
    first.sent.labels("good").inc(3)
    first.seconds.observe(1.5)
    first.scrape()
    second = Process(tmp_path / "counters.json")
    second.sent.labels("good").inc(2)
    second.seconds.observe(5)
    shown = second.scrape()
    assert 'sent_total{kind="good"} 5.0' in shown
    assert 'took_seconds_bucket{le="2.0"} 1.0' in shown
    assert "took_seconds_count 2.0" in shown


def test_a_series_that_was_not_counted_again_is_still_shown(tmp_path: Path) -> None:
    first = Process(tmp_path / "counters.json")
    first.sent.labels("rare").inc()
    first.scrape()
    assert 'sent_total{kind="rare"} 1.0' in Process(tmp_path / "counters.json").scrape()


def test_a_third_process_forgets_nothing(tmp_path: Path) -> None:
    for _ in range(3):
        process = Process(tmp_path / "counters.json")
        process.sent.labels("good").inc()
        shown = process.scrape()
    assert 'sent_total{kind="good"} 3.0' in shown


def test_gauges_start_afresh(tmp_path: Path) -> None:
    first = Process(tmp_path / "counters.json")
    first.behind.set(7)
    first.scrape()
    assert "behind_seconds 0.0" in Process(tmp_path / "counters.json").scrape()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": "b"}', "null"])
def test_an_unreadable_file_is_set_aside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "counters.json"
    path.write_text(content)
    process = Process(path)
    process.sent.labels("good").inc()
    assert 'sent_total{kind="good"} 1.0' in process.scrape()
    assert (tmp_path / "counters.json.unreadable").read_text() == content


def test_a_file_that_cannot_be_written_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    process = Process(tmp_path / "file" / "counters.json")
    process.sent.labels("good").inc()
    assert 'sent_total{kind="good"} 1.0' in process.scrape()
