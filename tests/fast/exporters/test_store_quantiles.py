"""The quantile macro of the store and contracts.histogram give the same numbers."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.histogram import ZERO_INDEX, quantile_seconds, representative_seconds
from exporters.store.database import Database

HISTOGRAMS = st.dictionaries(st.integers(ZERO_INDEX, 379), st.integers(1, 10**9), min_size=1, max_size=40)


@given(histogram=HISTOGRAMS, per_mille=st.integers(1, 1000))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_python_find_the_same_quantile(database: Database, histogram: dict[int, int], per_mille: int) -> None:
    indexes = sorted(histogram)
    values = {"i": indexes, "r": [histogram[index] for index in indexes], "n": sum(histogram.values()), "q": per_mille}
    with database.cursor() as cursor:
        row = cursor.execute("SELECT quantile_ms($i::SMALLINT[], $r::BIGINT[], $n, $q)", values).fetchone()
    assert row is not None
    assert row[0] == pytest.approx(1000 * (quantile_seconds(histogram, per_mille) or 0.0), rel=1e-12)


def test_sql_and_python_have_the_same_midpoints(database: Database) -> None:
    with database.cursor() as cursor:
        rows = cursor.execute("SELECT i, representative_seconds(i) FROM range(-638, 380) AS t(i)").fetchall()
    assert [at for _, at in rows] == pytest.approx([representative_seconds(index) for index, _ in rows], rel=1e-12)


def test_the_zero_bucket_counts_as_zero(database: Database) -> None:
    with database.cursor() as cursor:
        assert cursor.execute("SELECT quantile_ms([-638, 0], [10, 1], 11, 500)").fetchone() == (0.0,)


def test_a_classic_bound_is_the_bound_of_every_sixteenth_bucket(database: Database) -> None:
    with database.cursor() as cursor:
        row = cursor.execute(
            "SELECT list_transform([-638, -320, -319, 0, 1, 192, 193], lambda i: to_classic(i))"
        ).fetchone()
    assert row == ([-20, -20, -19, 0, 1, 12, 13],)
