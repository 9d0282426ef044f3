"""Bad messages are survived and named, on a real broker and in real Spark."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import SparkSession

from contracts.corpus import CASES
from local.broker import Broker
from tests.integration.pipeline.pipeline import good_event, pipeline

NEW_SERVICES = 10_000


def test_the_corpus_is_judged_as_it_says(spark: SparkSession, broker: Broker, tmp_path: Path) -> None:
    expected = Counter(case.verdict for case in CASES)
    good = expected.pop("ok")
    with pipeline(spark, broker.address, tmp_path, watermark_delay_seconds=604_800) as running:
        running.send([case.message for case in CASES])
        books = running.settle()
        assert books["counted"] + books["late"] == good
        assert (books["unaccounted"], books["invalid"] + books["future"]) == (0, sum(expected.values()))
        assert running.letters_by_reason(sum(expected.values())) == expected


def test_a_huge_message_leaves_a_short_letter(spark: SparkSession, broker: Broker, tmp_path: Path) -> None:
    with pipeline(spark, broker.address, tmp_path) as running:
        running.send([b"x" * 900_000])
        running.letters_by_reason(1)
        letter = running.rows("SELECT reason, size_bytes, length(content) FROM dead_letters")
        assert letter == [("too_large", 900_000, 65_536)]


def test_ten_thousand_new_services_in_a_minute_are_counted(spark: SparkSession, broker: Broker, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with pipeline(spark, broker.address, tmp_path) as running:
        running.send([good_event(str(number), now, service=f"service-{number}") for number in range(NEW_SERVICES)])
        books = running.settle()
        assert books["counted"] == NEW_SERVICES
        assert running.rows("SELECT count(DISTINCT service) FROM service_metrics") == [(NEW_SERVICES,)]


def test_a_clock_a_day_ahead_makes_nobody_late(spark: SparkSession, broker: Broker, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    ahead = json.loads(good_event("ahead", now))
    ahead["event_time"] = ahead["event_time"].replace(str(now.year), "9999", 1)
    with pipeline(spark, broker.address, tmp_path) as running:
        for batch in range(3):
            running.send([json.dumps(ahead).encode(), good_event(f"good-{batch}", now)])
            books = running.settle()
        assert (books["counted"], books["future"], books["late"]) == (3, 3, 0)
