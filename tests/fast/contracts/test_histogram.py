"""The latency histogram: index, bounds, merging, quantiles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.histogram import (
    MAX_QUANTILE_ERROR,
    ZERO_INDEX,
    bucket_index,
    merge,
    nearest_rank,
    quantile_seconds,
    upper_bound_seconds,
)

latencies = st.floats(min_value=1e-6, max_value=3600)


def histogram(values: list[float]) -> dict[int, int]:
    return merge({bucket_index(value): 1} for value in values)


@given(latencies)
def test_a_latency_is_within_the_bounds_of_its_bucket(latency: float) -> None:
    index = bucket_index(latency)
    assert upper_bound_seconds(index - 1) < latency <= upper_bound_seconds(index)


@pytest.mark.parametrize("exponent", range(-19, 12))
def test_an_exact_power_of_two_is_the_last_of_its_bucket(exponent: int) -> None:
    assert bucket_index(2.0**exponent) == exponent * 32
    assert bucket_index(math.nextafter(2.0**exponent, math.inf)) == exponent * 32 + 1


def test_below_a_microsecond_is_the_zero_bucket() -> None:
    assert bucket_index(0.0) == bucket_index(9.99e-7) == ZERO_INDEX
    assert bucket_index(1e-6) == ZERO_INDEX + 1


@pytest.mark.parametrize("latency", [-1e-9, math.inf, math.nan])
def test_what_is_no_latency_is_refused(latency: float) -> None:
    with pytest.raises(ValueError, match="finite number of seconds"):
        bucket_index(latency)


@given(st.lists(latencies, min_size=1, max_size=200), st.integers(1, 1000))
def test_a_quantile_is_near_the_exact_nearest_rank(values: list[float], per_mille: int) -> None:
    exact = sorted(values)[nearest_rank(len(values), per_mille) - 1]
    estimate = quantile_seconds(histogram(values), per_mille)
    assert estimate == pytest.approx(exact, rel=MAX_QUANTILE_ERROR * 1.0001)


def test_the_rank_is_exact_where_binary_fractions_are_not() -> None:
    assert nearest_rank(100, 70) == 7


def test_an_empty_histogram_has_no_quantile() -> None:
    assert quantile_seconds({}, 950) is None


def test_the_zero_bucket_stands_for_zero() -> None:
    assert quantile_seconds({ZERO_INDEX: 3}, 500) == 0.0


@given(st.lists(latencies), st.lists(latencies))
def test_merging_is_counting_everything(one: list[float], other: list[float]) -> None:
    assert merge([histogram(one), histogram(other)]) == histogram([*one, *other])
