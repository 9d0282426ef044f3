"""Events as they are published: UTF-8 JSON, written field by field, because ``json.dumps`` of a whole event is slower.

Names are escaped by ``json.dumps``, each once as long as it is remembered; numbers are finite, so that their ``repr``
is JSON.
"""

import json
from functools import lru_cache

from contracts.times import from_epoch_ms, to_rfc3339
from generator.row import Row


def encode_event(row: Row) -> bytes:
    """Return the event of a recorded request, its time written with three digits of a second."""
    event_id, event_time_ms, service, endpoint, latency_ms, status_code, trace_id = row
    second, millisecond = divmod(event_time_ms, 1000)
    trace = "" if trace_id is None else f',"trace_id":{_json_text(trace_id)}'
    return (
        f'{{"event_time":"{_to_the_second(second)}.{millisecond:03d}Z",'
        f'"service":{_json_text(service)},"endpoint":{_json_text(endpoint)},'
        f'"latency_ms":{latency_ms!r},"status_code":{status_code},"event_id":"{event_id}"{trace}}}'
    ).encode()


@lru_cache(maxsize=65_536)
def _json_text(text: str) -> str:
    return json.dumps(text)


@lru_cache(maxsize=4096)
def _to_the_second(second: int) -> str:
    return to_rfc3339(from_epoch_ms(second * 1000)).removesuffix("Z")
