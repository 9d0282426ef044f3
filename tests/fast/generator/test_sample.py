"""The sample recording: the same every time, and made of events."""

import gzip
import json
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from statistics import median

import pytest
from jsonschema import Draft202012Validator

from contracts.event import SCHEMA, parse_event
from generator.encoding import encode_event
from generator.recording import Recording, open_recording
from generator.row import Row
from generator.sample import START, main, write_sample

END = START + timedelta(minutes=30)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = tmp_path_factory.mktemp("sample") / "sample.csv.gz"
    write_sample(path)
    return open_recording(path)


def by_minute(sample: Recording, service: str) -> dict[int, list[Row]]:
    minutes: defaultdict[int, list[Row]] = defaultdict(list)
    for row in sample.rows():
        if row.service == service:
            minutes[(row.event_time_ms - sample.first_ms) // 60_000].append(row)
    return minutes


def error_share(rows: list[Row]) -> float:
    return sum(row.status_code >= 500 for row in rows) / len(rows)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_sample(tmp_path / name, seed=3, rows=500)
    write_sample(tmp_path / "c", seed=4, rows=500)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert gzip.decompress((tmp_path / "a").read_bytes()) != gzip.decompress((tmp_path / "c").read_bytes())


def test_the_sample_never_changes(sample: Recording) -> None:
    assert (sample.row_count, sample.in_order, sample.digest) == (60_000, True, "2201e2437d02")


def test_every_row_is_an_event(sample: Recording) -> None:
    schema = Draft202012Validator(SCHEMA)
    for number, row in enumerate(sample.rows()):
        message = encode_event(row)
        event = parse_event(message, END)
        assert START <= event.event_time < END
        if number % 200 == 0:
            schema.validate(json.loads(message))


def test_errors_are_rare_except_in_the_surge(sample: Recording) -> None:
    shares = {minute: error_share(rows) for minute, rows in by_minute(sample, "payments").items()}
    assert min(shares[minute] for minute in (12, 13, 14)) > 0.15
    assert max(share for minute, share in shares.items() if minute not in (11, 12, 13, 14, 15)) < 0.05
    assert error_share([row for rows in by_minute(sample, "search").values() for row in rows]) == pytest.approx(
        0.005, abs=0.002
    )


def test_latency_is_steady_except_in_the_spike(sample: Recording) -> None:
    medians = {m: median(row.latency_ms for row in rows) for m, rows in by_minute(sample, "search").items()}
    steady = [value for minute, value in medians.items() if minute not in (20, 21, 22, 23, 24)]
    assert min(medians[minute] for minute in (22, 23)) > 4 * max(steady)


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "sample.csv.gz")]) == 0
    assert capsys.readouterr().out == f"60,000 requests in {tmp_path / 'sample.csv.gz'}\n"


def test_a_path_that_cannot_be_written_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "absent" / "sample.csv.gz")]) == 1
    assert "No such file or directory. Name another path." in capsys.readouterr().err
