"""What may be asked of POST /inject, and what is said to who asks for something else."""

import json

import pytest

from contracts.anomalies import AnomalyType
from generator.live.inject_request import InjectRequestError, read_inject_request

ASKED = {"service": "payments", "kind": "latency", "minutes": 3}


def body(**changes: object) -> bytes:
    return json.dumps({name: value for name, value in (ASKED | changes).items() if value != "absent"}).encode()


@pytest.mark.parametrize(
    ("short", "kind"),
    [
        ("errors", AnomalyType.ERROR_SURGE),
        ("latency", AnomalyType.LATENCY_SPIKE),
        ("drop", AnomalyType.TRAFFIC_DROP),
        ("surge", AnomalyType.TRAFFIC_SURGE),
    ],
)
def test_kinds_have_short_forms(short: str, kind: AnomalyType) -> None:
    assert read_inject_request(body(kind=short)).kind is kind
    assert read_inject_request(body(kind=str(kind))).kind is kind


def test_minutes_may_be_a_fraction() -> None:
    assert read_inject_request(body(minutes=1.5)).length_ms == 90_000


@pytest.mark.parametrize("minutes", [1, 60, 60.0])
def test_the_bounds_of_minutes_are_included(minutes: float) -> None:
    assert read_inject_request(body(minutes=minutes)).minutes == minutes


@pytest.mark.parametrize("minutes", [0, 0.999, 60.001, -3, 1e400, "3", True, None, [3], "absent"])
def test_other_minutes_are_refused_with_the_bounds(minutes: object) -> None:
    with pytest.raises(InjectRequestError, match=r"^minutes has to be a number from 1 to 60$"):
        read_inject_request(body(minutes=minutes))


@pytest.mark.parametrize("service", ["shipping", "", "Payments", 7, None, ["payments"], "absent"])
def test_an_unknown_service_is_refused_with_the_known_ones(service: object) -> None:
    with pytest.raises(InjectRequestError, match=r"^service has to be one of checkout, payments, search$"):
        read_inject_request(body(service=service))


@pytest.mark.parametrize("kind", ["error", "", 1, None, {}, "absent"])
def test_an_unknown_kind_is_refused_with_the_known_ones(kind: object) -> None:
    with pytest.raises(InjectRequestError, match=r"^kind has to be one of errors, latency, drop, surge, error_surge, "):
        read_inject_request(body(kind=kind))


@pytest.mark.parametrize(
    ("kind", "magnitude"),
    [("errors", 1.01), ("errors", 0), ("latency", 1), ("drop", 1), ("surge", 0.5), ("surge", 21), ("drop", "0.5")],
)
def test_a_magnitude_that_the_kind_does_not_admit_is_refused(kind: str, magnitude: object) -> None:
    with pytest.raises(InjectRequestError, match=r"^magnitude has to be a number; for error_surge from 0.01 to 1, "):
        read_inject_request(body(kind=kind, magnitude=magnitude))


@pytest.mark.parametrize(("kind", "magnitude"), [("errors", 1), ("latency", 100), ("drop", 0), ("surge", 1.1)])
def test_a_magnitude_that_the_kind_admits_is_taken(kind: str, magnitude: float) -> None:
    assert read_inject_request(body(kind=kind, magnitude=magnitude)).magnitude == magnitude


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(InjectRequestError, match=r"service .*; kind .*; minutes .*; 'mintues' is not a field"):
        read_inject_request(b'{"service": "x", "kind": "y", "minutes": NaN, "mintues": 3}')


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"null", b"\xff", b"[" * 4000, b'{"service"}'])
def test_what_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(InjectRequestError, match="the body has to be a JSON object"):
        read_inject_request(text)
