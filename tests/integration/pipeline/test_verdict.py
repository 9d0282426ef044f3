"""Spark's columns agree with the contracts, message by message and value by value."""

import math
import random
from datetime import UTC, datetime

from pyspark.sql import DataFrame, SparkSession

from contracts.corpus import CASES
from contracts.histogram import bucket_index, upper_bound_seconds
from streaming.verdict import judged
from streaming.windows import with_bucket

RECORD_TIME = datetime(2026, 1, 1, 1, tzinfo=UTC)


def corpus(spark: SparkSession) -> DataFrame:
    rows = [(case.message, RECORD_TIME, 0, number) for number, case in enumerate(CASES)]
    return spark.createDataFrame(rows, "value binary, timestamp timestamp, partition int, offset long")


def test_the_verdicts_are_those_of_the_corpus(spark: SparkSession) -> None:
    found = {row["offset"]: row["reason"] or "ok" for row in judged(corpus(spark)).select("offset", "reason").collect()}
    assert {case.name: found[number] for number, case in enumerate(CASES)} == {c.name: c.verdict for c in CASES}


def test_a_message_is_parsed_once(spark: SparkSession) -> None:
    good = judged(corpus(spark)).where("reason IS NULL AND latency_ms > 1").select("service", "latency_ms")
    plan = good._jdf.queryExecution().executedPlan().toString()
    assert plan.count("from_json(") == 1


def test_buckets_are_those_of_the_contract(spark: SparkSession) -> None:
    source = random.Random(5)
    powers = [2.0**exponent for exponent in range(-19, 12)]
    bounds = [upper_bound_seconds(index) for index in range(-637, 378)]
    values = [0.0, 9.99e-7, 1e-6, 3600.0, *powers, *bounds, *(math.exp(source.uniform(-14, 8)) for _ in range(5_000))]
    values += [math.nextafter(value, math.inf) for value in powers] + [math.nextafter(value, 0) for value in powers]
    rows = with_bucket(spark.createDataFrame([(value,) for value in values], "latency_seconds double")).collect()
    wrong = [row for row in rows if row["bucket"] != bucket_index(row["latency_seconds"])]
    assert not wrong
