"""Numbers as people write them: rounded, with a unit."""

import pytest

from exporters.web.wording import plain, quantity, size


@pytest.mark.parametrize(
    ("value", "metric_name", "text"),
    [
        (0.3548, "error_ratio", "35.5 %"),
        (0.59, "error_ratio", "59.0 %"),
        (0.0116, "error_ratio", "1.16 %"),
        (0.0019, "error_ratio", "0.19 %"),
        (0.00004, "error_ratio", "0.004 %"),
        (0.0, "error_ratio", "0 %"),
        (1.0, "error_ratio", "100.0 %"),
        (0.466, "latency_p95_seconds", "466 ms"),
        (0.00451, "latency_p95_seconds", "4.51 ms"),
        (0.0, "latency_p95_seconds", "0 ms"),
        (1.2549, "latency_p95_seconds", "1.25 s"),
        (3600.0, "latency_p95_seconds", "3600 s"),
        (21.04, "request_rate", "21 req/s"),
        (0.25, "request_rate", "0.25 req/s"),
        (12345.6, "request_rate", "12346 req/s"),
        (2.5e9, "request_rate", "2.5e+09 req/s"),
    ],
)
def test_a_quantity_has_three_digits_and_a_unit(value: float, metric_name: str, text: str) -> None:
    assert quantity(value, metric_name) == text


@pytest.mark.parametrize(
    ("kind", "magnitude", "text"),
    [
        ("error_surge", 0.55, "errors 55.0 %"),
        ("latency_spike", 6.2, "latency × 6.2"),
        ("traffic_drop", 0.17, "rate × 0.17"),
        ("traffic_surge", 3.0, "rate × 3"),
    ],
)
def test_the_size_of_a_fault_says_what_it_changes(kind: str, magnitude: float, text: str) -> None:
    assert size(kind, magnitude) == text


def test_a_plain_text_is_one_printable_line() -> None:
    assert plain(" a\n\tb\u2028c\x1b[31m\u202ed ") == "a b c\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}d"
