"""Events as JSON: valid for every text, and exactly what was recorded."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.event import parse_event
from contracts.times import from_epoch_ms
from generator.encoding import encode_event
from generator.row import Row

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(text, text, text, st.floats(0, 3_600_000), st.integers(0, 253_402_214_400_000))
def test_every_text_and_number_survives(service: str, endpoint: str, trace: str, latency: float, moment: int) -> None:
    fields = json.loads(encode_event(Row("d-1", moment, service, endpoint, latency, 204, trace)))
    assert (fields["service"], fields["endpoint"], fields["trace_id"]) == (service, endpoint, trace)
    assert (fields["latency_ms"], fields["status_code"], fields["event_id"]) == (latency, 204, "d-1")
    assert datetime.fromisoformat(fields["event_time"]) == from_epoch_ms(moment)


@pytest.mark.parametrize("endpoint", ['/a"b\\c', "/straße", "/{id}", "/日本"])
def test_an_encoded_row_is_an_event(endpoint: str) -> None:
    event = parse_event(encode_event(Row("d-1", 7, "checkout", endpoint, 1e-7, 500, None)), datetime.now(UTC))
    assert (event.endpoint, event.latency_ms, event.is_error, event.trace_id) == (endpoint, 1e-7, True, None)


def test_a_time_before_1970_is_written_right() -> None:
    assert json.loads(encode_event(Row("d", -1, "s", "/a", 1.0, 200, None)))["event_time"] == "1969-12-31T23:59:59.999Z"
