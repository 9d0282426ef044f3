"""Numbers as the narrator writes them: sensible digits, the unit a reader expects, nothing in powers of ten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrator.wording import count, latency, listing, name, percent, rate


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "0 %"),
        (0.000001, "under 0.001 %"),
        (0.00004, "0.004 %"),
        (0.002, "0.2 %"),
        (0.0123, "1.2 %"),
        (0.0996, "10 %"),
        (0.36251, "36 %"),
        (0.985, "98 %"),
        (0.996, "99.6 %"),
        (0.9996, "99.96 %"),
        (0.9999999, "100 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_a_percentage(ratio: float, text: str) -> None:
    assert percent(ratio) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 ms"),
        (0.000_000_1, "under 0.001 ms"),
        (0.0042, "4.2 ms"),
        (0.2304, "230 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1 s"),
        (1.234, "1.2 s"),
        (12.6, "13 s"),
        (3600, "3,600 s"),
    ],
)
def test_a_latency_is_in_milliseconds_below_a_second(seconds: float, text: str) -> None:
    assert latency(seconds) == text


@pytest.mark.parametrize(("value", "text"), [(0.0, "0 req/s"), (0.5, "0.5 req/s"), (1234.4, "1,234 req/s")])
def test_a_rate_is_per_second(value: float, text: str) -> None:
    assert rate(value) == text


@given(st.floats(0, 1e15, exclude_max=True))
def test_no_number_is_written_with_an_exponent(number: float) -> None:
    assert "e" not in rate(number).removesuffix(" req/s").removeprefix("under")


def test_counts_and_lists_read_as_sentences_do() -> None:
    assert [count(number, "request") for number in (0, 1, 2000)] == ["no requests", "1 request", "2,000 requests"]
    assert [listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_a_name_is_printable_and_short() -> None:
    assert name("checkout\x00\u202e\n") == "checkout???"
    assert len(name("x" * 300)) == 80
